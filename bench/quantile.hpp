#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace magna::bench {

/// The value that a share `q` of all (from 0 to 1) lies below; 0 if there are none.
template <class T>
double quantile(std::vector<T> all, double q) {
  if (all.empty())
    return 0;
  const auto at = all.begin() + std::lround(q * static_cast<double>(all.size() - 1));
  std::nth_element(all.begin(), at, all.end());
  return static_cast<double>(*at);
}

} // namespace magna::bench
