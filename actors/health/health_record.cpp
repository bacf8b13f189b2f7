#include <magna/actors/health/health_record.hpp>

#include <algorithm>
#include <chrono>

namespace magna {

namespace {

/// A provider that is rate-limited with no word on how long rests this long.
constexpr std::chrono::seconds default_rest{5};
/// What another node saw longer ago is no news.
constexpr std::chrono::minutes oldest_fact{5};
/// Two reports of one moment differ by less.
constexpr std::chrono::milliseconds fact_jitter{200};
/// A success of this node's own, so fresh, stands above what others report.
constexpr std::chrono::seconds fresh_success{5};
/// No other node can put a provider to rest for longer.
constexpr std::chrono::minutes longest_rest{5};

} // namespace

void health_record::on_success(steady_time now) {
  rest_until_.reset();
  breaker_.on_success();
  last_success_ = now;
  note_seen(now);
}

void health_record::note_successes(std::optional<steady_time> latest) {
  if (!latest || (last_success_ && *latest <= *last_success_))
    return;
  last_success_ = latest;
  if (!seen_ || *latest > *seen_)
    note_seen(*latest);
}

void health_record::on_failure(errc error, std::optional<steady_duration> retry_after, steady_time now) {
  if (error == errc::rate_limited)
    rest_until_ = now + bounded(retry_after.value_or(default_rest));
  breaker_.on_failure(now, bounded(retry_after.value_or(steady_duration::zero())));
  note_seen(now);
}

void health_record::on_probe_failure(errc error, steady_time now) {
  // This process could not ask, or the provider's node would not: nothing was learned.
  if (error == errc::overloaded) {
    breaker_.on_probe_lost(now);
    return;
  }
  // A model that is not there, or a circuit whose probe is under way, is as unusable as a server that is
  // down.
  if (counts_against_health(error) || state() == health_state::unavailable)
    breaker_.on_probe_failure(now);
  note_seen(now);
}

std::optional<health_fact> health_record::fact(const std::string& provider, steady_time now) const {
  if (!seen_ || !seen_here_)
    return std::nullopt;
  const auto left = [now](const std::optional<steady_time>& until) {
    return until ? std::max(*until - now, steady_duration::zero()) : steady_duration::zero();
  };
  return health_fact{.provider = provider,
                     .identity = identity_,
                     .state = state(),
                     .open_for = left(next_probe()),
                     .rest_for = left(rest_until_),
                     .age = now - *seen_};
}

bool health_record::adopt(const health_fact& fact, steady_time now) {
  if (identity_ != fact.identity || fact.age > oldest_fact)
    return false;
  // Spans of another node can be anything.
  const auto seen = now - bounded(fact.age);
  // What comes back about the same moment is nothing new; the network makes it look a little different.
  if (seen_ && seen <= *seen_ + fact_jitter)
    return false;
  const auto is_fine_here = last_success_ && now - *last_success_ < fresh_success;
  if (is_fine_here && fact.state != health_state::healthy)
    return false;
  seen_ = seen;
  seen_here_ = false;
  breaker_.adopt(fact.state, now, bounded(fact.open_for));
  if (fact.rest_for > caf::timespan::zero())
    rest_until_ = now + std::min<steady_duration>(fact.rest_for, longest_rest);
  else
    rest_until_.reset();
  return true;
}

} // namespace magna
