#include <magna/providers/body_decoder.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <magna/providers/encoding.hpp>
#include <magna/providers/errors/error_mapping.hpp>
#include <magna/providers/parsing/json_check.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

/// An error's body is read up to here; what it means stands at its start.
constexpr std::size_t max_error_body = std::size_t{1} << 20;

constexpr std::size_t max_whole_body = line_buffer::max_line;

/// A bigger event is rare: not worth a bigger parser on every thread.
constexpr std::size_t max_fast_event = std::size_t{64} << 10;

bool is_error_status(int status) noexcept {
  return status != 0 && (status < 200 || status >= 300);
}

} // namespace

void body_decoder::head(const http_head& head) {
  head_ = head;
  if (is_error_status(head.status))
    mode_ = mode::error;
}

void body_decoder::feed(std::string_view bytes) {
  if (bytes.empty() || over_ || state_ != decode_status::need_more)
    return;
  fed_ = true;
  if (mode_ == mode::undecided) {
    // What leads the first character means nothing in any format.
    const auto first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string_view::npos)
      return;
    bytes.remove_prefix(first);
    decide(bytes.front());
  }
  switch (mode_) {
    case mode::sse:
      sse_.feed(bytes);
      break;
    case mode::ndjson:
      ndjson_.feed(bytes);
      break;
    case mode::error:
      feed_body(bytes, max_error_body);
      break;
    default:
      feed_body(bytes, max_whole_body + 1);
      break;
  }
}

void body_decoder::decide(char first_character) {
  const auto type = to_lower(head_.header("content-type"));
  const auto is = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  const bool opens_json = first_character == '{' || first_character == '[';
  const auto expected = about_.framing == stream_framing::sse ? mode::sse : mode::ndjson;
  if (first_character == '<')
    mode_ = mode::whole;
  else if (is("event-stream"))
    mode_ = mode::sse;
  else if (is("ndjson") || is("jsonl"))
    mode_ = mode::ndjson;
  else if (opens_json)
    // One line of JSON is a whole document as well as the first of a stream of lines.
    mode_ = stream_ && (!is("json") || expected == mode::ndjson) ? expected : mode::whole;
  else
    mode_ = stream_ ? expected : mode::whole;
}

void body_decoder::feed_body(std::string_view bytes, std::size_t limit) {
  body_ += bytes.substr(0, limit - std::min(limit, body_.size()));
}

decode_status body_decoder::next(std::string& text) {
  if (over_ || state_ != decode_status::need_more)
    return settle(text);
  if (mode_ == mode::sse || mode_ == mode::ndjson)
    return next_event(text);
  if (mode_ == mode::error && body_.size() == max_error_body)
    return end(text);
  if (body_.size() > max_whole_body)
    return fail(errc::provider_error, "the response is longer than 32 MiB");
  return std::exchange(fed_, false) ? decode_status::activity : decode_status::need_more;
}

decode_status body_decoder::next_event(std::string& text) {
  static constexpr auto too_long = "an event of the response is longer than 32 MiB";
  if (mode_ == mode::ndjson) {
    const auto event = ndjson_.next();
    switch (event.status) {
      case ndjson_parser::status::need_more:
        return decode_status::need_more;
      case ndjson_parser::status::line:
        return take_event(event.line, false, text);
      case ndjson_parser::status::blank:
        return decode_status::activity;
      case ndjson_parser::status::too_long:
        break;
    }
  } else {
    const auto event = sse_.next();
    switch (event.status) {
      case sse_parser::status::need_more:
        return decode_status::need_more;
      case sse_parser::status::comment:
        return decode_status::activity;
      case sse_parser::status::data:
      case sse_parser::status::raw:
        return take_event(event.data, false, text);
      case sse_parser::status::too_long:
        break;
    }
  }
  return fail(errc::provider_error, too_long);
}

decode_status body_decoder::end(std::string& text) {
  if (over_ || state_ != decode_status::need_more)
    return settle(text);
  switch (mode_) {
    case mode::undecided:
      if (!stream_)
        return fail(errc::provider_error, "the response is empty");
      break;
    case mode::error:
      return fail(map_error_response(about_, head_, body_, std::chrono::system_clock::now()));
    case mode::whole:
      return end_whole(text);
    case mode::sse:
      while (!over_ && state_ == decode_status::need_more) {
        const auto event = sse_.end();
        if (event.status == sse_parser::status::need_more || event.status == sse_parser::status::too_long)
          break;
        take_event(event.data, true, text);
      }
      break;
    case mode::ndjson:
      if (const auto event = ndjson_.end(); event.status == ndjson_parser::status::line)
        take_event(event.line, true, text);
      break;
  }
  return settle(text);
}

decode_status body_decoder::take_event(std::string_view data, bool at_end, std::string& text) {
  const auto before = text.size();
  if (data.starts_with("[DONE]")) {
    if (!trusts_done_marker() && !proven_)
      return decode_status::activity;
    proven_ = true;
    over_ = true;
    joiner_.flush(text);
    return text.size() > before ? decode_status::text : settle(text);
  }
  if (trim(data).empty())
    return decode_status::activity;
  // What is left at the end of the data may be broken off, which only a full parse notices.
  if (!at_end && data.size() <= max_fast_event)
    if (const auto status = decode_delta(data, text))
      return *status;
  const auto document = parse_json(data);
  if (!document)
    return at_end ? decode_status::need_more
                  : fail(errc::provider_error, "the response can't be decoded: " + summarize_text(data));
  reasoning_ = false;
  take_document(document->value, document->has_halves, text);
  if (state_ != decode_status::need_more)
    return state_;
  if (text.size() > before)
    return decode_status::text;
  if (over_)
    return settle(text);
  return reasoning_ ? decode_status::reasoning : decode_status::activity;
}

bool body_decoder::take_document(const nlohmann::json& document, bool has_halves, std::string& text) {
  if (const auto facts = find_error(document, has_halves)) {
    fail(map_error(about_, head_, *facts, std::chrono::system_clock::now()));
    return true;
  }
  if (document.is_object())
    return decode_document(document, has_halves, text);
  if (document.is_null())
    return false;
  if (!document.is_array()) {
    fail(errc::provider_error, "the response can't be decoded: it is neither an object nor a list");
    return true;
  }
  // Gemini without alt=sse: a list of what would have been events.
  bool recognized = false;
  for (const auto& element : document) {
    if (!element.is_object())
      continue;
    recognized = take_document(element, has_halves, text) || recognized;
    if (state_ != decode_status::need_more)
      return true;
  }
  return recognized;
}

decode_status body_decoder::end_whole(std::string& text) {
  if (looks_like_html(body_))
    return fail(errc::provider_error, "the response is " + summarize_text(body_));
  if (body_.size() <= max_fast_event) {
    body_.reserve(body_.size() + line_buffer::padding);
    if (decode_answer(body_, text))
      return settle(text);
  }
  const auto document = parse_json(body_);
  if (!document)
    return fail(errc::provider_error, "the response can't be decoded: " + summarize_text(body_));
  std::string{}.swap(body_);
  const bool recognized = take_document(document->value, document->has_halves, text);
  if (state_ != decode_status::need_more)
    return state_;
  if (!recognized)
    return fail(errc::provider_error, "the response is JSON, but no answer");
  if (document->value.is_object() && is_whole_answer(document->value))
    proven_ = true;
  if (!proven_ && !has_text_)
    return fail(errc::provider_error, "the answer is empty");
  return settle(text);
}

decode_status body_decoder::settle(std::string& text) {
  if (state_ != decode_status::need_more)
    return state_;
  joiner_.flush(text);
  if (!proven_)
    return fail(errc::stream_truncated, mode_ == mode::undecided
                                          ? "the response ended before it began"
                                          : "the response ended before the answer was complete");
  if (!refusal_.empty())
    return fail(errc::content_filtered, "the model refused: " + refusal_);
  if (verdict_)
    return fail(*std::exchange(verdict_, std::nullopt));
  if (!has_text_ && !has_tool_call_ && info_.finish != finish_reason::length)
    return fail(errc::provider_error, "the answer is empty");
  if (!settle_calls())
    return state_;
  state_ = decode_status::finished;
  return state_;
}

bool body_decoder::settle_calls() {
  auto& calls = info_.tool_calls;
  std::size_t count = 0;
  for (auto& call : calls) {
    ++count;
    if (trim(call.arguments).empty())
      call.arguments = "{}";
    if (call.id.empty())
      call.id = "call_" + std::to_string(count);
  }
  const auto is_broken = [](const tool_call& x) { return x.name.empty() || !is_json_object(x.arguments); };
  // What the token limit has cut is no call.
  if (info_.finish == finish_reason::length)
    std::erase_if(calls, is_broken);
  const auto broken = std::ranges::find_if(calls, is_broken);
  if (broken == calls.end())
    return true;
  fail(errc::provider_error, "the model's call of '" + broken->name
                               + "' is broken: it has no name, or its arguments are no object");
  return false;
}

tool_call& body_decoder::call_at(std::uint64_t index) {
  const auto found = calls_.find(index);
  return found != calls_.end() ? info_.tool_calls[found->second] : new_call(index);
}

tool_call& body_decoder::new_call(std::uint64_t index) {
  saw_tool_call();
  calls_.insert_or_assign(index, info_.tool_calls.size());
  return info_.tool_calls.emplace_back();
}

tool_call& body_decoder::add_call(std::string_view name, const nlohmann::json* arguments, bool has_halves) {
  auto& call = new_call(info_.tool_calls.size());
  call.name = plain_text(name, has_halves);
  if (arguments != nullptr)
    call.arguments = plain_text(dump(*arguments), has_halves);
  return call;
}

decode_status body_decoder::fail(response_error error) {
  error_ = std::move(error);
  state_ = decode_status::failed;
  return state_;
}

decode_status body_decoder::fail(errc code, std::string message) {
  response_error error;
  error.code = code;
  error.message = std::move(message);
  error.http_status = head_.status;
  return fail(std::move(error));
}

std::optional<decode_status> body_decoder::decode_delta(std::string_view, std::string&) {
  return std::nullopt;
}

bool body_decoder::decode_answer(std::string_view, std::string&) {
  return false;
}

bool body_decoder::is_whole_answer(const nlohmann::json&) const {
  return false;
}

void body_decoder::add_text(std::string& text, std::string_view piece, bool has_halves) {
  joiner_.append(text, piece, has_halves);
  has_text_ = has_text_ || !piece.empty();
}

decode_status body_decoder::delta_done(bool has_text, bool reasoning) noexcept {
  has_text_ = has_text_ || has_text;
  return has_text ? decode_status::text : reasoning ? decode_status::reasoning : decode_status::activity;
}

void body_decoder::finish(finish_reason reason, std::string& text) {
  if (!info_.finish)
    info_.finish = reason;
  proven_ = true;
  joiner_.flush(text);
}

void body_decoder::reject(errc code, std::string message, std::string& text) {
  proven_ = true;
  joiner_.flush(text);
  if (verdict_)
    return;
  verdict_.emplace();
  verdict_->code = code;
  verdict_->message = std::move(message);
  verdict_->http_status = head_.status;
}

} // namespace magna
