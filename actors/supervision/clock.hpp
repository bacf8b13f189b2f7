#pragma once

#include <chrono>

namespace magna {

/// The actors' time. Decisions take it as a parameter, so that tests can choose it.
using steady_time = std::chrono::steady_clock::time_point;
using steady_duration = std::chrono::steady_clock::duration;

} // namespace magna
