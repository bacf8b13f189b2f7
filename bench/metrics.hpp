#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <magna/bench/benches.hpp>

// What more than one bench measures.

namespace magna::bench {

inline double cpu_us_per_request(const figures& x, const load&) {
  return x.cpu_us / static_cast<double>(x.requests);
}

inline metric cpu_per_request(std::optional<target> goal = {}) {
  return {"cpu per request", "us", cpu_us_per_request, goal};
}

inline metric throughput(std::optional<target> goal = {}) {
  return {"throughput", "requests/s",
          [](const figures& x, const load&) { return static_cast<double>(x.requests) / x.seconds; }, goal,
          true};
}

/// A count, in proportion to the effort.
inline std::uint64_t scaled(std::uint64_t count, const effort& how, std::uint64_t least = 10) {
  return std::max(least, static_cast<std::uint64_t>(static_cast<double>(count) * how.scale));
}

} // namespace magna::bench
