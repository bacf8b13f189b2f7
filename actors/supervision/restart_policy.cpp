#include <magna/actors/supervision/restart_policy.hpp>

#include <algorithm>

#include <magna/text/assert.hpp>

namespace magna {

restart_policy::restart_policy(const restart_policy_config& config)
  : config_(config), backoff_(config.backoff) {
  MAGNA_ASSERT(config.period > steady_duration::zero());
  MAGNA_ASSERT(config.backoff > steady_duration::zero());
  MAGNA_ASSERT(config.backoff <= config.max_backoff);
}

steady_duration restart_policy::on_crash(steady_time now) {
  while (!restarts_.empty() && now - restarts_.front() > config_.period)
    restarts_.pop_front();
  if (restarts_.empty()) {
    backing_off_ = false;
    backoff_ = config_.backoff;
  }
  // A backoff longer than the period empties the list of all but itself: it must not earn a new burst of
  // restarts.
  backing_off_ = backing_off_ || restarts_.size() >= config_.max_restarts;
  auto wait = steady_duration::zero();
  if (backing_off_) {
    wait = backoff_;
    backoff_ = std::min(backoff_ * 2, config_.max_backoff);
  }
  // The restart counts from when it happens: the child's time begins there.
  restarts_.push_back(now + wait);
  if (restarts_.size() > std::max(config_.max_restarts, std::uint32_t{1}))
    restarts_.pop_front();
  return wait;
}

} // namespace magna
