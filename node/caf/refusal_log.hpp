#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace magna {

/// Which refused connections get a line in the log: the first one of a host with a reason at once, its like
/// of the next ten seconds as one sum. Whoever knocks a thousand times fills no disk. Not thread-safe.
class refusal_log {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds window{10};
  /// Hosts and reasons that are told apart at a time.
  static constexpr std::size_t most_entries = 256;

  /// The line to write now; empty: it is counted.
  std::string on_refusal(const std::string& host, const std::string& why, clock::time_point now);

  /// The sums of windows that are over; to be asked now and then.
  std::vector<std::string> on_tick(clock::time_point now);

private:
  struct entry {
    clock::time_point since;
    std::size_t more = 0;
  };

  std::map<std::pair<std::string, std::string>, entry> entries_;
};

} // namespace magna
