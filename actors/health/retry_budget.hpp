#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include <magna/actors/health/retry_budget_config.hpp>
#include <magna/actors/supervision/clock.hpp>

namespace magna {

/// Keeps retries a small part of the traffic, so that an outage is not answered with a multiple of the load,
/// as a value: over the last 10 s, in steps of one second.
class retry_budget {
public:
  static constexpr std::chrono::seconds window{10};

  void on_first_attempt(steady_time now) { ++slot(now).first_attempts; }

  /// Whether one more retry fits; if so, it is counted.
  bool take(const retry_budget_config& config, steady_time now);

private:
  struct second {
    /// Which second this slot holds; others' counts are void.
    std::int64_t number = -1;
    std::uint64_t first_attempts = 0;
    std::uint64_t retries = 0;
  };

  static std::int64_t number_of(steady_time now);
  second& slot(steady_time now);

  std::array<second, static_cast<std::size_t>(window.count())> seconds_{};
};

} // namespace magna
