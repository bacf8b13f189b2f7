#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include <magna/actors/supervision/clock.hpp>

namespace magna {

struct restart_policy_config {
  /// This many restarts within `period` are done at once; a further one backs off.
  std::uint32_t max_restarts = 5;
  steady_duration period = std::chrono::seconds{10};
  /// The first backoff, more than 0 and at most max_backoff; doubles for each further crash, until the child
  /// has run for longer than `period`.
  steady_duration backoff = std::chrono::seconds{1};
  steady_duration max_backoff = std::chrono::seconds{30};
};

/// When to restart a crashed child, as in OTP's restart intensity, but never giving up.
class restart_policy {
public:
  restart_policy() : restart_policy(restart_policy_config{}) {}
  explicit restart_policy(const restart_policy_config& config);

  /// The child crashed now; returns how long to wait before its restart. 0: at once.
  steady_duration on_crash(steady_time now);

private:
  restart_policy_config config_;
  /// Those within the last period, the newest at the back.
  std::deque<steady_time> restarts_;
  steady_duration backoff_;
  bool backing_off_ = false;
};

} // namespace magna
