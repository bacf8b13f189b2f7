#pragma once

#include <cstdint>

namespace magna {

/// How much of a provider's traffic may be retries.
struct retry_budget_config {
  /// Retries per hundred first attempts, over 10 s. 0 to 1000.
  std::uint32_t percent = 20;
  /// Retries in 10 s that are allowed whatever the traffic. 0 to 1000000.
  std::uint32_t minimum = 10;

  bool operator==(const retry_budget_config&) const = default;
};

} // namespace magna
