#include <magna/actors/health/retry_budget.hpp>

#include <algorithm>

#include <magna/text/assert.hpp>

namespace magna {

bool retry_budget::take(const retry_budget_config& config, steady_time now) {
  const auto oldest = number_of(now) - window.count();
  std::uint64_t first_attempts = 0;
  std::uint64_t retries = 0;
  for (const auto& x : seconds_) {
    if (x.number <= oldest)
      continue;
    first_attempts += x.first_attempts;
    retries += x.retries;
  }
  const auto allowed = std::max<std::uint64_t>(config.minimum, first_attempts * config.percent / 100);
  if (retries >= allowed)
    return false;
  ++slot(now).retries;
  return true;
}

std::int64_t retry_budget::number_of(steady_time now) {
  MAGNA_ASSERT(now >= steady_time{});
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

retry_budget::second& retry_budget::slot(steady_time now) {
  const auto number = number_of(now);
  auto& found = seconds_[static_cast<std::size_t>(number % window.count())];
  if (found.number != number)
    found = {.number = number, .first_attempts = 0, .retries = 0};
  return found;
}

} // namespace magna
