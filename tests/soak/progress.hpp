#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <magna/tests/soak/ledger.hpp>

namespace magna::soak {

/// What the soak tells while it runs: on a terminal one line that is rewritten, else a line every 10 s.
class progress {
public:
  progress();
  ~progress();

  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Call every second.
  void show(std::chrono::seconds since_start, const totals& requests, std::size_t in_flight);

  /// A line that stays.
  void say(const std::string& text);

private:
  void clear_line();

  bool terminal_;
  bool line_open_ = false;
};

} // namespace magna::soak
