#include <magna/providers/errors/rate_limits.hpp>

#include <string_view>

#include <magna/providers/errors/retry_delay.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/number.hpp>

namespace magna {

namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

/// What is left of a limit, and when it is full again.
struct limit_headers {
  std::string_view remaining;
  std::string_view reset;
};

constexpr limit_headers limits[] = {
  {"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
  {"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
  {"x-ratelimit-remaining", "x-ratelimit-reset"},
  {"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
  {"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
  {"anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"},
  {"anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"},
};

} // namespace

std::optional<milliseconds> exhausted_for(const http_head& head, system_clock::time_point now) {
  std::optional<milliseconds> result;
  for (const auto& limit : limits) {
    // -1 is what some say who count nothing.
    const auto remaining = parse_number<double>(trim(head.header(limit.remaining)));
    if (!remaining || *remaining != 0)
      continue;
    const auto wait = parse_wait(head.header(limit.reset), now);
    if (wait && *wait > milliseconds::zero() && (!result || *wait > *result))
      result = wait;
  }
  return result;
}

} // namespace magna
