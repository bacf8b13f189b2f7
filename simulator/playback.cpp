#include <magna/simulator/playback.hpp>

#include <magna/simulator/traits.hpp>

#include <algorithm>

namespace magna::simulator {

namespace {

using std::chrono::milliseconds;

/// Stands for the text of an endless document until the document is cut there.
constexpr std::string_view text_mark = "@@text@@";

/// Whether the step breaks the answer off at a place.
bool is_fault(step_kind kind) {
  return kind == step_kind::stall || kind == step_kind::cut || kind == step_kind::reset
         || kind == step_kind::stream_error || kind == step_kind::malformed;
}

std::size_t first_wide_byte(std::string_view text) {
  auto i = std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return static_cast<std::size_t>(i - text.begin());
}

std::string escaped(const std::string& text) {
  auto quoted = dump(nlohmann::ordered_json(text));
  return quoted.substr(1, quoted.size() - 2);
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

} // namespace

playback::playback(const step& options, const incoming& request, std::uint64_t id,
                   std::optional<reply> prepared)
  : options_{resolve(options)}, kind_{find_step(options.name)->kind}, out_{options} {
  use_request(request);
  if (kind_ == step_kind::refuse) {
    auto param = refused_parameter(request, options_);
    if (!param.empty()) {
      kind_ = step_kind::reply;
      use_reply(error_reply(options_.name, request, options_, param));
      return;
    }
    kind_ = step_kind::answer;
  }
  if (kind_ == step_kind::reply) {
    use_reply(error_reply(options_.name, request, options_));
    return;
  }
  if (kind_ == step_kind::stream_error && (prepared || !request.stream)) {
    kind_ = step_kind::reply;
    use_reply(error_reply(options_.error, request, options_));
    return;
  }
  if (!prepared) {
    use_answer(request, id);
    return;
  }
  prepared->status = options_.status.value_or(prepared->status);
  prepared->content_type = options_.content_type.value_or(prepared->content_type);
  prepared->headers.insert(prepared->headers.end(), options_.headers.begin(), options_.headers.end());
  use_reply(std::move(*prepared));
  if (kind_ == step_kind::malformed)
    document_.resize(document_.size() / 2);
}

playback::playback(reply whole, const incoming& request, bool close) : out_{step{}} {
  use_request(request);
  keep_alive_ = keep_alive_ && !close;
  use_reply(std::move(whole));
}

void playback::use_request(const incoming& request) {
  head_only_ = request.method == "HEAD";
  http10_ = request.http_version < 11;
  keep_alive_ = !http10_ && request.header("connection") != "close";
}

void playback::use_reply(reply whole) {
  status_ = whole.status;
  content_type_ = std::move(whole.content_type);
  headers_ = std::move(whole.headers);
  document_ = std::move(whole.body);
  frame_as(framing::length);
}

void playback::use_answer(const incoming& request, std::uint64_t id) {
  auto& what = answer_.emplace(options_, request, id);
  dialect_ = &traits_of(request.kind).speaker();
  is_document_ = !request.stream;
  status_ = options_.status.value_or(200);
  headers_ = dialect_->headers(what.id);
  headers_.insert(headers_.end(), options_.headers.begin(), options_.headers.end());
  if (is_document_) {
    content_type_ = dialect_->whole_type();
    auto text = what.endless() ? std::string{text_mark} : what.text();
    if (breaks_at(position::utf8) && first_wide_byte(text) == text.size())
      text += "\u20ac";
    document_ = dialect_->whole(what, text);
    if (what.endless())
      document_.resize(document_.find(text_mark));
    if (kind_ == step_kind::malformed)
      document_.resize(document_.size() / 2);
    frame_as(what.endless() ? framing::chunked : framing::length);
  } else {
    content_type_ = request.sse ? dialect_->stream_type() : dialect_->whole_type();
    lines_.emplace(request.kind, request.sse, options_.eol);
    calls_ = dialect_->calls(what);
    if (kind_ == step_kind::stream_error) {
      error_context context{
        .request = request, .options = options_, .param = {}, .retry_info = options_.retry_after};
      error_ = dialect_->stream_error(what, error_of(options_.error, context).body, options_.form);
    }
    frame_as(framing::chunked);
  }
  content_type_ = options_.content_type.value_or(content_type_);
}

void playback::frame_as(framing by_default) {
  framing_ = by_default;
  if (options_.framing == body_framing::close || (http10_ && framing_ == framing::chunked))
    framing_ = framing::close;
  else if (options_.framing == body_framing::chunked && !http10_)
    framing_ = framing::chunked;
  if (framing_ == framing::close)
    keep_alive_ = false;
  if (framing_ == framing::chunked)
    out_.use_chunks();
}

std::string playback::head() const {
  std::string result = "HTTP/1.1 " + std::to_string(status_) + " ";
  result += reason_phrase(status_);
  auto add = [&result](std::string_view name, std::string_view value) {
    result += "\r\n";
    result += name;
    result += ": ";
    result += value;
  };
  add("Date", http_date(0));
  add("Server", "magna-simulator");
  if (!content_type_.empty())
    add("Content-Type", content_type_);
  if (framing_ == framing::length && status_ != 204 && status_ != 304)
    add("Content-Length", std::to_string(document_.size() + (options_.bom ? 3 : 0)));
  else if (framing_ == framing::chunked)
    add("Transfer-Encoding", "chunked");
  if (!keep_alive_)
    add("Connection", "close");
  for (const auto& [name, value] : headers_)
    add(name, value);
  return result + "\r\n\r\n";
}

action playback::next() {
  for (;;) {
    if (auto ready = out_.next())
      return std::move(*ready);
    produce();
  }
}

/// Queues what comes next: at least one action, or a step towards the end.
void playback::produce() {
  switch (stage_) {
    case stage::start: {
      stage_ = stage::head;
      auto pause = options_.delay;
      // A document is written when all of it has been thought of.
      if (is_document_ && answer_) {
        auto tokens = static_cast<milliseconds::rep>(answer_->endless() ? 0 : answer_->count());
        pause +=
          options_.first_token_delay + options_.token_delay * std::max<milliseconds::rep>(tokens - 1, 0);
      }
      out_.push_wait(pause);
      if (breaks_at(position::start))
        strike();
      return;
    }
    case stage::head:
      out_.push_raw(head());
      stage_ = head_only_ ? stage::end : is_document_ ? stage::tokens : stage::opening;
      if (lines_ && options_.ping.count() > 0)
        out_.break_silence_with(lines_->comment());
      if (head_only_) {
        out_.push(action::kind::done);
        return;
      }
      if (breaks_at(position::headers))
        strike();
      else if (!is_document_)
        out_.push_wait(options_.first_token_delay);
      return;
    case stage::opening:
      stage_ = stage::reasoning;
      if (auto payload = dialect_->opening(*answer_); !payload.empty())
        out_.push_body(event(payload));
      return;
    case stage::reasoning:
      stage_ = stage::tokens;
      produce_reasoning();
      for (const auto& payload : dialect_->before_tokens(*answer_))
        out_.push_body(event(payload));
      return;
    case stage::tokens:
      if (is_document_)
        produce_document();
      else
        produce_tokens();
      return;
    case stage::calls:
      produce_call();
      return;
    case stage::finish:
      stage_ = stage::tail;
      produce_finish();
      return;
    case stage::tail:
      stage_ = stage::end;
      if (!answer_->finish.empty())
        for (const auto& payload : dialect_->tail(*answer_, sent_))
          out_.push_body(event(payload));
      return;
    case stage::end:
      if (lines_)
        out_.push_body(lines_->close());
      if (breaks_at(position::end)) {
        strike();
        return;
      }
      if (framing_ == framing::chunked)
        out_.push_raw("0\r\n\r\n");
      out_.push(action::kind::done);
      return;
  }
}

void playback::produce_document() {
  if (answer_ && answer_->endless()) {
    if (sent_ > 0)
      out_.push_wait(options_.token_delay);
    else
      out_.push_body(with_bom(document_));
    if (is_fault(kind_) && kind_ != step_kind::malformed && sent_ == *options_.after) {
      strike();
      return;
    }
    out_.push_body(escaped(answer_->token(sent_++)), 1);
    return;
  }
  auto breaks = is_fault(kind_) && kind_ != step_kind::malformed;
  auto body = breaks ? document_.substr(0, document_break()) : document_;
  out_.push_body(with_bom(std::move(body)), answer_ && !breaks ? answer_->count() : 0);
  stage_ = stage::end;
  if (breaks)
    strike();
}

/// How many bytes of a document are written before it breaks off.
std::size_t playback::document_break() const {
  switch (*options_.at) {
    case position::start:
    case position::headers:
      return 0;
    case position::token:
    case position::line:
      return document_.size() / 2;
    case position::utf8:
      // Where no character has several bytes, there is no middle of one.
      if (const auto wide = first_wide_byte(document_); wide < document_.size())
        return wide + 1;
      return document_.size() / 2;
    case position::finish:
    case position::end:
      break;
  }
  // Without its last brace, not without its last newline: what arrives must not pass for whole.
  auto last = document_.find_last_of("}]");
  return last != std::string::npos ? last : document_.empty() ? 0 : document_.size() - 1;
}

void playback::produce_reasoning() {
  if (!answer_->reasoning().empty())
    for (const auto& payload : dialect_->before_reasoning(*answer_))
      out_.push_body(event(payload));
  for (const auto& text : answer_->reasoning()) {
    out_.push_body(event(dialect_->reasoning(*answer_, text)));
    out_.push_wait(options_.token_delay);
  }
}

void playback::produce_tokens() {
  if (breaks_before_token()) {
    strike();
    return;
  }
  if (sent_ == answer_->count()) {
    stage_ = stage::calls;
    for (const auto& payload : dialect_->after_tokens(*answer_))
      out_.push_body(event(payload));
    return;
  }
  std::string lines;
  std::size_t count = 0;
  while (count < options_.batch && sent_ < answer_->count() && !breaks_before_token()) {
    auto last = sent_ + 1 == answer_->count();
    lines += next_token_event(last && answer_->finish_with_text && calls_.empty());
    ++sent_;
    ++count;
  }
  out_.push_body(std::move(lines), count);
  // A fault that comes next comes at once; so does the finish reason.
  if (sent_ < answer_->count() && !breaks_before_token())
    out_.push_wait(options_.token_delay);
}

void playback::produce_call() {
  if (breaks_before_token()) {
    strike();
    return;
  }
  if (calls_sent_ == calls_.size()) {
    stage_ = stage::finish;
    return;
  }
  out_.push_body(event(calls_[calls_sent_++]));
  if (calls_sent_ < calls_.size() && !breaks_before_token())
    out_.push_wait(options_.token_delay);
}

void playback::produce_finish() {
  if (!answer_->finish.empty() && !finish_written_)
    out_.push_body(event(dialect_->finish(*answer_, sent_)));
  if (breaks_at(position::finish))
    strike();
}

bool playback::breaks_at(position where) const {
  return is_fault(kind_) && !struck_ && options_.at == where;
}

/// Whether the step strikes before the next token: it has come to its place, or to the end of the tokens.
bool playback::breaks_before_token() const {
  if (!breaks_at(position::token) && !breaks_at(position::line) && !breaks_at(position::utf8))
    return false;
  return progress() == *options_.after || (sent_ == answer_->count() && calls_sent_ == calls_.size());
}

/// Queues what the step does to the answer. Only a malformed event lets it go on.
void playback::strike() {
  struck_ = true;
  switch (kind_) {
    case step_kind::malformed: {
      auto payload = dialect_->token(*answer_, "broken", sent_, false);
      out_.push_body(event(std::string_view{payload}.substr(0, payload.size() / 2)));
      return;
    }
    case step_kind::stream_error:
      ++events_;
      out_.push_body(
        with_bom(options_.body ? lines_->event(*options_.body) : lines_->error(error_, options_.form)));
      stage_ = stage::end;
      return;
    default:
      break;
  }
  if (!is_document_ && (options_.at == position::line || options_.at == position::utf8)) {
    out_.push_body(partial_event());
    // A comment in the middle of a line would become part of it.
    out_.break_silence_with({});
  }
  out_.push(kind_ == step_kind::stall ? action::kind::stall
            : kind_ == step_kind::cut ? action::kind::cut
                                      : action::kind::reset);
}

std::string playback::next_token_event(bool finish) {
  finish_written_ = finish_written_ || finish;
  return event(dialect_->token(*answer_, answer_->token(sent_), sent_, finish));
}

std::string playback::partial_event() {
  if (options_.at == position::line && sent_ == answer_->count() && calls_sent_ < calls_.size()) {
    auto whole = event(calls_[calls_sent_]);
    whole.resize(whole.size() / 2);
    return whole;
  }
  auto text = sent_ < answer_->count() ? answer_->token(sent_) : std::string{"unfinished"};
  if (options_.at == position::utf8 && first_wide_byte(text) == text.size())
    text += "\u20ac";
  auto whole = event(dialect_->token(*answer_, text, sent_, false));
  auto size = options_.at == position::utf8 ? first_wide_byte(whole) + 1 : whole.size() / 2;
  // The byte order mark is wide, too.
  if (whole.starts_with("\xEF\xBB\xBF") && options_.at == position::utf8)
    size = 3 + first_wide_byte(std::string_view{whole}.substr(3)) + 1;
  whole.resize(size);
  return whole;
}

std::string playback::event(std::string_view payload) {
  std::string result;
  if (options_.comments > 0 && events_ % options_.comments == 0)
    result = lines_->comment();
  ++events_;
  return with_bom(result + lines_->event(payload));
}

std::string playback::with_bom(std::string bytes) {
  if (!options_.bom || body_begun_)
    return bytes;
  body_begun_ = true;
  return "\xEF\xBB\xBF" + bytes;
}

} // namespace magna::simulator
