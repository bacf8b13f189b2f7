#pragma once

#include <chrono>
#include <thread>

namespace magna::test {

/// Asks until it is so: what processes tell each other takes a moment.
template <class F>
bool comes_true(F is_so, std::chrono::seconds at_most = std::chrono::seconds{20}) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + at_most;
  while (!is_so()) {
    if (clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

} // namespace magna::test
