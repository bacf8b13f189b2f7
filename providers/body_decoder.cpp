#include <magna/providers/body_decoder.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <magna/providers/errors/error_mapping.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

/// An error's body is read up to here; what it means stands at its start.
constexpr std::size_t max_error_body = std::size_t{1} << 20;

constexpr std::size_t max_whole_body = line_buffer::max_line;

/// What an answer may have of all that is kept until its end.
constexpr std::size_t max_kept = std::size_t{32} << 20;

/// How much of the text is kept to know it again.
constexpr std::size_t text_head_size = 64;
/// A single piece is taken for a repetition only if it is so long.
constexpr std::size_t telling_size = 32;

/// A bigger event is rare: not worth a bigger parser on every thread.
constexpr std::size_t max_fast_event = std::size_t{64} << 10;

bool is_error_status(int status) noexcept {
  return status != 0 && (status < 200 || status >= 300);
}

bool is_done_marker(std::string_view data) noexcept {
  constexpr std::string_view marker = "[done]";
  return data.size() >= marker.size() && data.front() == '['
         && to_lower(data.substr(0, marker.size())) == marker;
}

/// The HTTP status that an error inside a stream names beside its code; 0 if none.
int told_status(const nlohmann::json& document) {
  for (const auto* from : {&document, find_member(document, "error")})
    for (const auto* name : {"status_code", "status", "http_status"})
      if (const auto* value = from == nullptr ? nullptr : find_member(*from, name);
          value != nullptr && value->is_number_unsigned() && *value < 600)
        return value->get<int>();
  return 0;
}

/// OpenRouter says so with a status that elsewhere is about the key.
bool is_moderation(const nlohmann::json& document) {
  const auto* error = find_member(document, "error");
  const auto* metadata = error == nullptr ? nullptr : find_member(*error, "metadata");
  return metadata != nullptr && find_list(*metadata, "reasons") != nullptr
         && find_member(*metadata, "flagged_input") != nullptr;
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
        return take_event(event.line, false, false, out);
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
        return take_event(event.data, event.is_error, false, out);
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
        take_event(event.data, event.is_error, true, out);
      }
      break;
    case mode::ndjson:
      if (const auto event = ndjson_.end(); event.status == ndjson_parser::status::line)
        take_event(event.line, false, true, out);
      break;
  }
  return settle(out);
}

decode_status body_decoder::take_event(std::string_view data, bool is_error, bool at_end, part_sink& out) {
  const auto before = out.size();
  if (is_done_marker(data))
    return take_done_marker(out);
  if (trim(data).empty())
    return decode_status::activity;
  if (is_error)
    return take_error(data, at_end);
  // What is left at the end of the data may be broken off, which only a full parse notices.
  if (!at_end && data.size() <= max_fast_event)
    if (const auto status = decode_delta(data, out))
      return *status;
  const auto document = parse_json(data);
  if (!document) {
    if (at_end)
      return decode_status::need_more;
    // What is complete is not made worse by what follows.
    return proven_ ? decode_status::activity
                   : fail(errc::provider_error, "the response can't be decoded: " + summarize_text(data));
  }
  said_ = false;
  take_document(document->value, document->has_halves, out);
  if (state_ != decode_status::need_more)
    return state_;
  if (said_ || out.size() > before)
    return decode_status::tokens;
  return over_ ? settle(out) : decode_status::activity;
}

decode_status body_decoder::take_error(std::string_view data, bool at_end) {
  const auto document = parse_json(data);
  if (at_end && !document && trim(data).starts_with('{'))
    return decode_status::need_more;
  auto facts = read_error_body(data);
  if (document && facts.number == 0)
    facts.number = told_status(document->value);
  return fail(map_error(about_, head_, facts, std::chrono::system_clock::now()));
}

decode_status body_decoder::take_done_marker(part_sink& out) {
  const auto before = out.size();
  proven_ = proven_ || trusts_done_marker();
  over_ = true;
  flush(out);
  return out.size() > before ? decode_status::tokens : settle(out);
}

bool body_decoder::take_document(const nlohmann::json& document, bool has_halves, part_sink& out) {
  if (auto facts = find_error(document, has_halves)) {
    if (facts->number == 0)
      facts->number = told_status(document);
    auto error = map_error(about_, head_, *facts, std::chrono::system_clock::now());
    if (is_moderation(document))
      error.code = errc::content_filtered;
    fail(std::move(error));
    return true;
  }
  if (document.is_object())
    return decode_document(document, has_halves, out);
  if (document.is_null())
    return false;
  if (!document.is_array()) {
    if (proven_)
      return false;
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
  if (!proven_ && !has_text())
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
  add_last_items();
  if (!settle_calls(out) || !settle_silence())
    return state_;
  if (!info_.finish && !info_.tool_calls.empty())
    info_.finish = finish_reason::tool_calls;
  state_ = decode_status::finished;
  return state_;
}

bool body_decoder::settle_silence() {
  if (has_text() || !info_.tool_calls.empty() || !info_.embeddings.empty())
    return true;
  const auto& usage = info_.usage;
  const auto thoughts = usage.reasoning_tokens.value_or(0);
  if (info_.finish == finish_reason::length) {
    response_error error;
    error.code = errc::invalid_request;
    error.message =
      thoughts > 0 || !info_.reasoning.empty()
        ? "all tokens that the answer may have went into the model's thoughts, and none into text: it "
          "needs a higher max_tokens, or less reasoning_effort"
        : "the limit of tokens was reached before the answer's first word: it needs a higher max_tokens";
    error.http_status = head_.status;
    error.should_retry = false;
    // Another model may need fewer.
    error.unsupported = true;
    fail(std::move(error));
    return false;
  }
  // That nothing was said is meant if the provider has counted it. Thoughts alone lead to something.
  const auto is_counted = usage.completion_tokens && (thoughts == 0 || *usage.completion_tokens > thoughts);
  if (info_.finish == finish_reason::stop && (may_be_empty_ || is_counted))
    return true;
  fail(errc::provider_error, "the answer is empty");
  return false;
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
  info_.usage.estimated = !proven_ && info_.usage.total_tokens().has_value();
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
  if (text_head_.size() < text_head_size)
    text_head_ += piece.substr(0, text_head_size - text_head_.size());
  text_size_ += piece.size();
  ++text_pieces_;
}

bool body_decoder::repeats_text(std::string_view piece) const noexcept {
  return !piece.empty() && piece.size() == text_size_ && piece.starts_with(text_head_)
         && (text_pieces_ > 1 || text_size_ >= telling_size);
}

std::string_view body_decoder::new_text(std::string_view so_far) const noexcept {
  return so_far.size() > text_size_ && so_far.starts_with(text_head_) ? so_far.substr(text_size_)
                                                                      : std::string_view{};
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
