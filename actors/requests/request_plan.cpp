#include <magna/actors/requests/request_plan.hpp>

#include <algorithm>
#include <cmath>
#include <random>

namespace magna {

namespace {

bool usable(const candidate& x, steady_time now) {
  return !x.unavailable && (!x.rest_until || *x.rest_until <= now);
}

} // namespace

double retry_jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.8, 1.2}(engine);
}

request_plan::request_plan(std::vector<candidate> candidates, request_plan_config config, steady_time now)
  : config_(std::move(config)) {
  const auto any_usable =
    std::any_of(candidates.begin(), candidates.end(), [now](const candidate& x) { return usable(x, now); });
  std::ranges::stable_partition(candidates, [](const candidate& x) { return !x.spared; });
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

request_plan::step request_plan::next(std::size_t index, const attempt_end& failed, bool committed,
                                      steady_time now) {
  auto& x = entries_[index];
  x.running = false;
  last_error_ = failed.error.value_or(errc::provider_error);
  x.last_error = last_error_;
  std::optional<steady_duration> server_delay;
  if (failed.retry_after)
    server_delay = std::chrono::duration_cast<steady_duration>(*failed.retry_after);
  x.back_at.reset();
  if (server_delay)
    x.back_at = now + *server_delay;
  x.unsupported = failed.unsupported;
  if (committed || ends_the_request(failed))
    return give_up{last_error_, {}, server_delay};
  const auto others_run =
    std::any_of(entries_.begin(), entries_.end(), [](const entry& other) { return other.running; });
  const auto wait = note(x, failed, !others_run, now);
  if (others_run) {
    if (wait)
      x.parked_until = now + *wait;
    return keep_waiting{};
  }
  if (wait)
    return start(index, *wait);
  return choose(now);
}

bool request_plan::ends_the_request(const attempt_end& failed) const {
  switch (last_error_) {
    case errc::cancelled:
    case errc::deadline_exceeded:
      return true;
    case errc::invalid_request:
      return !failed.unsupported && !config_.fallback_on_invalid_request;
    case errc::content_filtered:
      return !config_.fallback_on_content_filter;
    default:
      return false;
  }
}

bool request_plan::is_alone(const entry& x) const {
  return std::ranges::none_of(
    entries_, [&x](const entry& other) { return &other != &x && (other.attempts > 0 || !other.exhausted); });
}

std::optional<steady_duration> request_plan::note(entry& x, const attempt_end& failed, bool starts_now,
                                                  steady_time now) {
  const auto may_start = attempts_ < config_.max_attempts && now < config_.deadline;
  switch (last_error_) {
    case errc::timeout:
    case errc::provider_error:
    case errc::stream_truncated:
      if (const auto wait = retry_wait(x, failed, now);
          wait && may_start && (!starts_now || config_.may_retry(x.who)))
        return wait;
      break;
    case errc::provider_unavailable:
      // Another one is a better hope than the same again. Without one, this is the only hope.
      if (const auto wait = is_alone(x) ? retry_wait(x, failed, now) : std::nullopt;
          wait && may_start && config_.may_retry(x.who))
        return wait;
      break;
    case errc::rate_limited:
      if (failed.another_key && x.attempts < x.who.max_attempts && may_start)
        return steady_duration::zero();
      // It is asked again when the server said when, or when nobody else can be asked.
      if (const auto wait = retry_wait(x, failed, now); wait && (failed.retry_after || is_alone(x))) {
        x.parked_until = now + *wait;
        return std::nullopt;
      }
      break;
    case errc::authentication_failed:
      // Each key is asked once: that is bounded by their number, not by max_attempts. What is not the key's fault would
      // meet the next one as well.
      if (failed.another_key && may_start && (failed.key_refused || failed.http_status == 401))
        return steady_duration::zero();
      break;
    default:
      break;
  }
  x.exhausted = true;
  return std::nullopt;
}

std::optional<start_attempt> request_plan::hedge(steady_time now) {
  if (const auto index = fresh_candidate(now))
    return start(*index, steady_duration::zero());
  return std::nullopt;
}

std::optional<std::size_t> request_plan::fresh_candidate(steady_time now) const {
  if (attempts_ >= config_.max_attempts || now >= config_.deadline)
    return std::nullopt;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto& x = entries_[i];
    if (!x.exhausted && x.attempts == 0 && usable(x.who, now))
      return i;
  }
  return std::nullopt;
}

request_plan::step request_plan::choose(steady_time now) {
  if (now >= config_.deadline)
    return give_up{errc::deadline_exceeded, "the request's deadline has passed", earliest_return(now)};
  if (attempts_ >= config_.max_attempts)
    return fail(now);
  for (;;) {
    entry* best = nullptr;
    for (auto& x : entries_) {
      if (x.exhausted)
        continue;
      if (!x.parked_until || *x.parked_until <= now) {
        best = &x;
        break;
      }
      if (!best || *x.parked_until < *best->parked_until)
        best = &x;
    }
    if (best == nullptr)
      return fail(now);
    const auto wait = best->parked_until ? std::max(*best->parked_until - now, steady_duration::zero())
                                         : steady_duration::zero();
    if (now + wait >= config_.deadline || wait > max_server_delay)
      return fail(now);
    // One that rested for another request's sake is not asked again, but for the first time.
    if (best->attempts == 0 || config_.may_retry(best->who))
      return start(static_cast<std::size_t>(best - entries_.data()), wait);
    best->exhausted = true;
  }
}

start_attempt request_plan::start(std::size_t index, steady_duration wait) {
  auto& x = entries_[index];
  x.parked_until.reset();
  x.running = true;
  ++attempts_;
  return {index, wait, x.attempts++ > 0};
}

request_plan::step request_plan::fail(steady_time now) const {
  const auto tried =
    std::count_if(entries_.begin(), entries_.end(), [](const entry& x) { return x.attempts > 0; });
  if (tried == 0)
    return give_up{errc::rate_limited, "every provider asked for a rest that the request can't wait out",
                   earliest_return(now)};
  if (tried == 1)
    return give_up{last_error_, {}, earliest_return(now)};
  // Who never could do it says nothing of those who could.
  const auto able = std::count_if(entries_.begin(), entries_.end(),
                                  [](const entry& x) { return x.attempts > 0 && !x.unsupported; });
  if (able == 0)
    return give_up{errc::invalid_request, {}, earliest_return(now)};
  // All that could do it refuse it: so it is the request.
  if (std::ranges::all_of(entries_, [](const entry& x) {
        return x.attempts == 0 || x.unsupported || x.last_error == errc::invalid_request;
      }))
    return give_up{errc::invalid_request, {}, earliest_return(now)};
  const auto full = [](const entry& x) { return x.attempts == 0 || x.last_error == errc::overloaded; };
  if (std::all_of(entries_.begin(), entries_.end(), full))
    return give_up{errc::overloaded, "every provider has as many requests as it may have",
                   earliest_return(now)};
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
