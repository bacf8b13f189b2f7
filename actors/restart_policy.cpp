#include <magna/actors/restart_policy.hpp>

#include <algorithm>

namespace magna {

steady_duration restart_policy::on_crash(steady_time now) {
  while (!restarts_.empty() && now - restarts_.front() > config_.period)
    restarts_.pop_front();
  if (restarts_.empty())
    backoff_ = config_.backoff;
  auto wait = steady_duration::zero();
  if (restarts_.size() >= config_.max_restarts) {
    wait = backoff_;
    backoff_ = std::min(backoff_ * 2, config_.max_backoff);
  }
  // The restart counts from when it happens, so that a child that crashes after each long backoff stays in backoff.
  restarts_.push_back(now + wait);
  if (restarts_.size() > config_.max_restarts)
    restarts_.pop_front();
  return wait;
}

} // namespace magna
