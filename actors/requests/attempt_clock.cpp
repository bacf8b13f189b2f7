#include <magna/actors/requests/attempt_clock.hpp>

#include <magna/text/assert.hpp>

namespace magna {

std::string_view to_string(deadline_kind x) noexcept {
  switch (x) {
    case deadline_kind::response_headers:
      return "response headers";
    case deadline_kind::first_token:
      return "the first token";
    case deadline_kind::idle:
      return "the next token";
    case deadline_kind::total:
      return "the whole answer";
  }
  return "";
}

void attempt_clock::on_token(steady_time now) {
  token_ = true;
  on_activity(now);
}

void attempt_clock::on_activity(steady_time now) {
  // Time stands still in a pause; resume() adds all of it.
  last_activity_ = paused_at_.value_or(now);
}

void attempt_clock::pause(steady_time now) {
  if (!paused_at_)
    paused_at_ = now;
}

void attempt_clock::resume(steady_time now) {
  if (!paused_at_)
    return;
  MAGNA_ASSERT(now >= *paused_at_);
  const auto pause = now - *paused_at_;
  start_ += pause;
  last_activity_ += pause;
  paused_at_.reset();
}

std::optional<attempt_clock::due> attempt_clock::earliest() const {
  std::optional<due> result;
  // Of two that fire together the wider one is named, as its setting is the one that the narrower follows by
  // default.
  const auto consider = [&result](deadline_kind kind, steady_time from, milliseconds limit) {
    const auto at = from + limit;
    if (!result || at <= result->at)
      result = due{at, {kind, limit}};
  };
  if (!head_)
    consider(deadline_kind::response_headers, start_, limits_.response_headers);
  if (stream_) {
    if (!token_)
      consider(deadline_kind::first_token, start_, limits_.first_token);
    else
      consider(deadline_kind::idle, last_activity_, limits_.idle);
  }
  if (limits_.total)
    consider(deadline_kind::total, start_, *limits_.total);
  return result;
}

std::optional<steady_time> attempt_clock::next() const {
  if (paused_at_)
    return std::nullopt;
  if (const auto found = earliest())
    return found->at;
  return std::nullopt;
}

std::optional<deadline_hit> attempt_clock::expired(steady_time now) const {
  if (paused_at_)
    return std::nullopt;
  if (const auto found = earliest(); found && found->at <= now)
    return found->hit;
  return std::nullopt;
}

} // namespace magna
