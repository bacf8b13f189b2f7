#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace magna {

/// From half to one and a half of it. Two nodes that dial each other at the same moment end with two connections, of
/// which each closes, or never hears of, the one that the other keeps. Both lose the other then, also at the same
/// moment: who dials again must do so out of step.
inline std::chrono::milliseconds out_of_step(std::chrono::milliseconds time) {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::chrono::milliseconds{
    std::uniform_int_distribution<std::int64_t>{time.count() / 2, time.count() * 3 / 2}(engine)};
}

} // namespace magna
