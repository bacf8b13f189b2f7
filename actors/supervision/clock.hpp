#pragma once

#include <algorithm>
#include <chrono>

namespace magna {

/// The actors' time. Decisions take it as a parameter, so that tests can choose it.
using steady_time = std::chrono::steady_clock::time_point;
using steady_duration = std::chrono::steady_clock::duration;

/// A time to wait that can be added to the present without an overflow: from nothing to a hundred years.
constexpr std::chrono::nanoseconds bounded(std::chrono::milliseconds x) noexcept {
  constexpr std::chrono::milliseconds forever = std::chrono::hours{24 * 365 * 100};
  return std::clamp(x, std::chrono::milliseconds{0}, forever);
}
constexpr std::chrono::nanoseconds bounded(std::chrono::nanoseconds x) noexcept {
  return std::clamp(x, std::chrono::nanoseconds{0}, bounded(std::chrono::milliseconds::max()));
}

} // namespace magna
