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

/// What an answer may have of all that is kept until its end.
constexpr std::size_t max_kept = std::size_t{32} << 20;

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

decode_status body_decoder::next(part_sink& out) {
  if (over_ || state_ != decode_status::need_more)
    return settle(out);
  if (mode_ == mode::sse || mode_ == mode::ndjson)
    return next_event(out);
  if (mode_ == mode::error && body_.size() == max_error_body)
    return end(out);
  if (body_.size() > max_whole_body)
    return fail(errc::provider_error, "the response is longer than 32 MiB");
  return std::exchange(fed_, false) ? decode_status::activity : decode_status::need_more;
}

decode_status body_decoder::next_event(part_sink& out) {
  static constexpr auto too_long = "an event of the response is longer than 32 MiB";
  if (mode_ == mode::ndjson) {
    const auto event = ndjson_.next();
    switch (event.status) {
      case ndjson_parser::status::need_more:
        return decode_status::need_more;
      case ndjson_parser::status::line:
        return take_event(event.line, false, out);
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
        return take_event(event.data, false, out);
      case sse_parser::status::too_long:
        break;
    }
  }
  return fail(errc::provider_error, too_long);
}

decode_status body_decoder::end(part_sink& out) {
  if (over_ || state_ != decode_status::need_more)
    return settle(out);
  switch (mode_) {
    case mode::undecided:
      if (!stream_)
        return fail(errc::provider_error, "the response is empty");
      break;
    case mode::error:
      return fail(map_error_response(about_, head_, body_, std::chrono::system_clock::now()));
    case mode::whole:
      return end_whole(out);
    case mode::sse:
      while (!over_ && state_ == decode_status::need_more) {
        const auto event = sse_.end();
        if (event.status == sse_parser::status::need_more || event.status == sse_parser::status::too_long)
          break;
        take_event(event.data, true, out);
      }
      break;
    case mode::ndjson:
      if (const auto event = ndjson_.end(); event.status == ndjson_parser::status::line)
        take_event(event.line, true, out);
      break;
  }
  return settle(out);
}

decode_status body_decoder::take_event(std::string_view data, bool at_end, part_sink& out) {
  const auto before = out.size();
  if (data.starts_with("[DONE]")) {
    if (!trusts_done_marker() && !proven_)
      return decode_status::activity;
    proven_ = true;
    over_ = true;
    flush(out);
    return out.size() > before ? decode_status::tokens : settle(out);
  }
  if (trim(data).empty())
    return decode_status::activity;
  // What is left at the end of the data may be broken off, which only a full parse notices.
  if (!at_end && data.size() <= max_fast_event)
    if (const auto status = decode_delta(data, out))
      return *status;
  const auto document = parse_json(data);
  if (!document)
    return at_end ? decode_status::need_more
                  : fail(errc::provider_error, "the response can't be decoded: " + summarize_text(data));
  said_ = false;
  take_document(document->value, document->has_halves, out);
  if (state_ != decode_status::need_more)
    return state_;
  if (said_ || out.size() > before)
    return decode_status::tokens;
  return over_ ? settle(out) : decode_status::activity;
}

bool body_decoder::take_document(const nlohmann::json& document, bool has_halves, part_sink& out) {
  if (const auto facts = find_error(document, has_halves)) {
    fail(map_error(about_, head_, *facts, std::chrono::system_clock::now()));
    return true;
  }
  if (document.is_object())
    return decode_document(document, has_halves, out);
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
    recognized = take_document(element, has_halves, out) || recognized;
    if (state_ != decode_status::need_more)
      return true;
  }
  return recognized;
}

decode_status body_decoder::end_whole(part_sink& out) {
  if (looks_like_html(body_))
    return fail(errc::provider_error, "the response is " + summarize_text(body_));
  if (body_.size() <= max_fast_event) {
    body_.reserve(body_.size() + line_buffer::padding);
    if (decode_answer(body_, out))
      return settle(out);
  }
  const auto document = parse_json(body_);
  if (!document)
    return fail(errc::provider_error, "the response can't be decoded: " + summarize_text(body_));
  std::string{}.swap(body_);
  const bool recognized = take_document(document->value, document->has_halves, out);
  if (state_ != decode_status::need_more)
    return state_;
  if (!recognized)
    return fail(errc::provider_error, "the response is JSON, but no answer");
  if (document->value.is_object() && is_whole_answer(document->value))
    proven_ = true;
  if (!proven_ && !has_text_)
    return fail(errc::provider_error, "the answer is empty");
  return settle(out);
}

decode_status body_decoder::settle(part_sink& out) {
  if (state_ != decode_status::need_more)
    return state_;
  flush(out);
  if (!proven_)
    return fail(errc::stream_truncated, mode_ == mode::undecided
                                          ? "the response ended before it began"
                                          : "the response ended before the answer was complete");
  if (!refusal_.empty())
    return fail(errc::content_filtered, "the model refused: " + refusal_);
  if (verdict_)
    return fail(*std::exchange(verdict_, std::nullopt));
  if (!has_text_ && !has_tool_call_ && info_.embeddings.empty() && info_.finish != finish_reason::length)
    return fail(errc::provider_error, "the answer is empty");
  add_last_items();
  if (!settle_calls(out))
    return state_;
  state_ = decode_status::finished;
  return state_;
}

void body_decoder::flush(part_sink& out) {
  if (text_joiner_.waiting())
    text_joiner_.flush(out.open(part_kind::text));
  if (reasoning_joiner_.waiting()) {
    const auto before = info_.reasoning.size();
    reasoning_joiner_.flush(info_.reasoning);
    out.append(part_kind::reasoning, 0, std::string_view{info_.reasoning}.substr(before));
  }
}

// -- calls ----------------------------------------------------------------------------------------------------

namespace {

std::string made_up_id(std::size_t call) {
  return "call_" + std::to_string(call + 1);
}

} // namespace

bool body_decoder::settle_calls(part_sink& out) {
  auto& calls = info_.tool_calls;
  const auto is_broken = [](const tool_call& x) { return x.name.empty() || !is_json_object(x.arguments); };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    call_states_[i].joiner.flush(calls[i].arguments);
    if (trim(calls[i].arguments).empty())
      calls[i].arguments = "{}";
    if (calls[i].id.empty())
      calls[i].id = made_up_id(i);
    if (!is_broken(calls[i]))
      show_call(out, i);
  }
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

std::optional<std::size_t> body_decoder::find_call(std::uint64_t index) const {
  const auto found = calls_.find(index);
  return found != calls_.end() ? std::optional{found->second} : std::nullopt;
}

std::size_t body_decoder::call_at(std::uint64_t index) {
  const auto found = find_call(index);
  return found ? *found : new_call(index);
}

std::size_t body_decoder::new_call(std::uint64_t index) {
  saw_tool_call();
  const auto call = info_.tool_calls.size();
  calls_.insert_or_assign(index, call);
  count_kept(sizeof(tool_call) + sizeof(call_state));
  info_.tool_calls.emplace_back();
  call_states_.emplace_back();
  return call;
}

bool body_decoder::has_other_id(std::size_t call, std::string_view id) const {
  const auto& known = info_.tool_calls[call].id;
  return !id.empty() && !known.empty() && known != id && !call_states_[call].is_id_made_up;
}

void body_decoder::name_call(std::size_t call, std::string_view id, std::string_view name, bool has_halves) {
  count_kept(id.size() + name.size());
  // Who has gone out keeps its name.
  if (call_states_[call].announced)
    return;
  auto& known = info_.tool_calls[call];
  if (!id.empty())
    known.id = plain_text(id, has_halves);
  if (!name.empty())
    known.name = plain_text(name, has_halves);
}

void body_decoder::add_arguments(part_sink& out, std::size_t call, std::string_view piece, bool has_halves) {
  saw_tool_call();
  count_kept(piece.size());
  if (!plain())
    flush(out);
  call_states_[call].joiner.append(info_.tool_calls[call].arguments, piece, has_halves);
  show_call(out, call);
}

std::size_t body_decoder::add_call(part_sink& out, std::string_view id, std::string_view name,
                                   const nlohmann::json* arguments, bool has_halves) {
  const auto call = new_call(info_.tool_calls.size());
  name_call(call, id, name, has_halves);
  add_arguments(out, call, arguments != nullptr ? dump(*arguments) : "{}", has_halves);
  return call;
}

void body_decoder::show_call(part_sink& out, std::size_t call) {
  auto& known = info_.tool_calls[call];
  auto& state = call_states_[call];
  if (!out.wants(part_kind::tool_call))
    return;
  if (!state.announced) {
    // The ID may be on its way as long as nothing else of the call is there.
    if (known.name.empty() || (known.id.empty() && known.arguments.empty()))
      return;
    if (known.id.empty()) {
      known.id = made_up_id(call);
      state.is_id_made_up = true;
    }
    out.begin_call(static_cast<std::uint32_t>(call), known.id, known.name);
    state.announced = true;
  }
  // Blanks alone may still turn out to be no arguments.
  if (trim(known.arguments).empty())
    return;
  out.append(part_kind::tool_call, static_cast<std::uint32_t>(call),
             std::string_view{known.arguments}.substr(state.sent));
  state.sent = known.arguments.size();
}

opaque_item body_decoder::make_item(std::string_view kind, std::string data) const {
  return {.protocol = about_.items_of.empty() ? about_.kind : about_.items_of,
          .kind = std::string{kind},
          .data = std::move(data)};
}

void body_decoder::count_kept(std::size_t bytes) {
  kept_ += bytes;
  if (kept_ > max_kept && state_ == decode_status::need_more)
    fail(errc::provider_error, "the answer has more than 32 MiB of what is kept until its end");
}

// -- ends -----------------------------------------------------------------------------------------------------

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

std::optional<decode_status> body_decoder::decode_delta(std::string_view, part_sink&) {
  return std::nullopt;
}

bool body_decoder::decode_answer(std::string_view, part_sink&) {
  return false;
}

bool body_decoder::is_whole_answer(const nlohmann::json&) const {
  return false;
}

void body_decoder::add_text(part_sink& out, std::string_view piece, bool has_halves) {
  if (piece.empty())
    return;
  // A half that waits is followed by something else: its other half does not come.
  if (reasoning_joiner_.waiting())
    flush(out);
  text_joiner_.append(out.open(part_kind::text), piece, has_halves);
  has_text_ = true;
}

void body_decoder::add_reasoning(part_sink& out, std::string_view piece, bool has_halves) {
  if (piece.empty())
    return;
  said_ = true;
  count_kept(piece.size());
  if (text_joiner_.waiting())
    flush(out);
  const auto before = info_.reasoning.size();
  reasoning_joiner_.append(info_.reasoning, piece, has_halves);
  out.append(part_kind::reasoning, 0, std::string_view{info_.reasoning}.substr(before));
}

void body_decoder::add_refusal(std::string_view piece, bool has_halves) {
  count_kept(piece.size());
  refusal_ += plain_text(piece, has_halves);
}

decode_status body_decoder::add_delta(part_sink& out, std::string_view text, std::string_view reasoning) {
  add_reasoning(out, reasoning, false);
  add_text(out, text, false);
  if (state_ != decode_status::need_more)
    return state_;
  return text.empty() && reasoning.empty() ? decode_status::activity : decode_status::tokens;
}

void body_decoder::finish(finish_reason reason, part_sink& out) {
  if (!info_.finish)
    info_.finish = reason;
  proven_ = true;
  flush(out);
}

void body_decoder::reject(errc code, std::string message, part_sink& out) {
  response_error error;
  error.code = code;
  error.message = std::move(message);
  reject(std::move(error), out);
}

void body_decoder::reject(response_error error, part_sink& out) {
  proven_ = true;
  flush(out);
  if (verdict_)
    return;
  error.http_status = head_.status;
  verdict_ = std::move(error);
}

} // namespace magna
