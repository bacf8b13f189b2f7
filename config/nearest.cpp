#include <magna/config/nearest.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace magna::config {

namespace {

/// The number of single-letter edits and swaps of neighbours between two words (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last, row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

} // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 64; // what is longer is no typing error, and would cost time
  if (word.empty() || word.size() > longest)
    return {};
  // An abbreviation, if it is clear.
  if (word.size() > 4) {
    const auto begins = [word](std::string_view x) { return x.starts_with(word); };
    if (std::ranges::count_if(candidates, begins) == 1)
      return *std::ranges::find_if(candidates, begins);
  }
  std::string_view best;
  auto best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const auto candidate : candidates) {
    const auto steps = distance(word, candidate);
    if (steps < best_distance && steps < candidate.size()) {
      best = candidate;
      best_distance = steps;
    }
  }
  return best;
}

std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates) {
  const auto found = nearest(word, candidates);
  return found.empty() ? std::string{} : "; did you mean '" + std::string{found} + "'?";
}

} // namespace magna::config
