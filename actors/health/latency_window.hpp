#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <caf/timespan.hpp>

#include <magna/text/assert.hpp>

namespace magna {

/// Percentiles over the most recent 256 durations.
class latency_window {
public:
  void add(caf::timespan value) {
    if (values_.size() < capacity) {
      values_.push_back(value);
    } else {
      values_[next_] = value;
      next_ = (next_ + 1) % capacity;
    }
  }

  std::size_t size() const noexcept { return values_.size(); }

  /// `percent` from 0 to 100, by the nearest-rank method; nothing before the first value.
  std::optional<caf::timespan> percentile(std::size_t percent) const {
    MAGNA_ASSERT(percent <= 100);
    if (values_.empty())
      return std::nullopt;
    auto sorted = values_;
    const auto rank = (percent * sorted.size() + 99) / 100;
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(sorted.begin(), nth, sorted.end());
    return *nth;
  }

private:
  static constexpr std::size_t capacity = 256;
  std::vector<caf::timespan> values_;
  std::size_t next_ = 0;
};

} // namespace magna
