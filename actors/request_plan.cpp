#include <magna/actors/request_plan.hpp>

#include <algorithm>
#include <cmath>

namespace magna {

namespace {

bool usable(const candidate& x, steady_time now) {
  return !x.unavailable && (!x.rest_until || *x.rest_until <= now);
}

/// The request itself, or its requester, is the cause: no other provider would do better.
bool ends_the_request(errc error) {
  switch (error) {
    case errc::invalid_request:
    case errc::cancelled:
    case errc::deadline_exceeded:
    case errc::overloaded:
      return true;
    default:
      return false;
  }
}

} // namespace

request_plan::request_plan(std::vector<candidate> candidates, request_plan_config config, steady_time now)
  : config_(std::move(config)) {
  const auto any_usable =
    std::any_of(candidates.begin(), candidates.end(), [now](const candidate& x) { return usable(x, now); });
  for (auto& x : candidates) {
    entry made;
    if (x.rest_until && *x.rest_until > now)
      made.parked_until = made.back_at = x.rest_until;
    made.exhausted = any_usable && x.unavailable;
    made.who = std::move(x);
    entries_.push_back(std::move(made));
  }
}

request_plan::step request_plan::first(steady_time now) {
  return choose(now);
}

request_plan::step request_plan::next(const attempt_end& failed, bool committed, steady_time now) {
  const auto error = failed.error.value_or(errc::provider_error);
  last_error_ = error;
  auto& current = entries_[current_];
  std::optional<steady_duration> server_delay;
  if (failed.retry_after)
    server_delay = std::chrono::duration_cast<steady_duration>(*failed.retry_after);
  current.back_at.reset();
  if (server_delay)
    current.back_at = now + *server_delay;
  if (committed || ends_the_request(error)
      || (error == errc::content_filtered && !config_.fallback_on_content_filter))
    return give_up{error, {}, server_delay};
  const auto may_start = attempts_ < config_.max_attempts && now < config_.deadline;
  switch (error) {
    case errc::timeout:
    case errc::provider_error:
    case errc::stream_truncated:
      if (const auto wait = retry_wait(current, failed, now); wait && may_start)
        return start(current_, *wait);
      current.exhausted = true;
      break;
    case errc::rate_limited:
      if (failed.another_key && current.attempts < current.who.max_attempts && may_start)
        return start(current_, steady_duration::zero());
      // It is asked again when the server said when, or when nobody else can be asked.
      if (const auto wait = retry_wait(current, failed, now);
          wait && (failed.retry_after || entries_.size() == 1))
        current.parked_until = now + *wait;
      else
        current.exhausted = true;
      break;
    case errc::authentication_failed:
      // Each key is asked once: that is bounded by their number, not by max_attempts.
      if (failed.another_key && may_start)
        return start(current_, steady_duration::zero());
      current.exhausted = true;
      break;
    default:
      current.exhausted = true;
  }
  return choose(now);
}

request_plan::step request_plan::choose(steady_time now) {
  if (now >= config_.deadline)
    return give_up{errc::deadline_exceeded, "the request's deadline has passed", earliest_return(now)};
  if (attempts_ >= config_.max_attempts)
    return fail(now);
  const entry* soonest = nullptr;
  for (const auto& x : entries_) {
    if (x.exhausted)
      continue;
    if (!x.parked_until || *x.parked_until <= now)
      return start(static_cast<std::size_t>(&x - entries_.data()), steady_duration::zero());
    if (!soonest || *x.parked_until < *soonest->parked_until)
      soonest = &x;
  }
  if (soonest && *soonest->parked_until < config_.deadline
      && *soonest->parked_until - now <= max_server_delay)
    return start(static_cast<std::size_t>(soonest - entries_.data()), *soonest->parked_until - now);
  return fail(now);
}

request_plan::step request_plan::start(std::size_t index, steady_duration wait) {
  current_ = index;
  entries_[index].parked_until.reset();
  ++entries_[index].attempts;
  ++attempts_;
  return start_attempt{index, wait};
}

request_plan::step request_plan::fail(steady_time now) const {
  const auto tried =
    std::count_if(entries_.begin(), entries_.end(), [](const entry& x) { return x.attempts > 0; });
  if (tried == 0)
    return give_up{errc::rate_limited, "every provider asked for a rest that the request can't wait out",
                   earliest_return(now)};
  if (tried == 1)
    return give_up{last_error_.value_or(errc::provider_error), {}, earliest_return(now)};
  return give_up{errc::all_providers_failed, {}, earliest_return(now)};
}

std::optional<steady_duration> request_plan::earliest_return(steady_time now) const {
  std::optional<steady_duration> result;
  for (const auto& x : entries_)
    if (x.back_at && *x.back_at > now && (!result || *x.back_at - now < *result))
      result = *x.back_at - now;
  return result;
}

steady_duration request_plan::backoff(const entry& x) const {
  // The exponent stays small: 20 attempts at most, and an hour is as good as forever.
  const auto doubled = std::chrono::duration<double>(x.who.retry_delay) * std::exp2(x.attempts - 1);
  const auto limited = std::min<std::chrono::duration<double>>(doubled, std::chrono::hours{1});
  return std::chrono::duration_cast<steady_duration>(limited * config_.jitter());
}

std::optional<steady_duration> request_plan::retry_wait(const entry& x, const attempt_end& failed,
                                                        steady_time now) const {
  if (x.attempts >= x.who.max_attempts || failed.should_retry == false)
    return std::nullopt;
  auto wait = backoff(x);
  if (failed.retry_after) {
    if (*failed.retry_after > max_server_delay)
      return std::nullopt;
    wait = std::max(wait, std::chrono::duration_cast<steady_duration>(*failed.retry_after));
  }
  if (now + wait >= config_.deadline)
    return std::nullopt;
  return wait;
}

} // namespace magna
