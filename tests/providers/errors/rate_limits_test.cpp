#include <magna/providers/errors/rate_limits.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <optional>

using namespace magna;
using namespace std::chrono_literals;

namespace {

/// 2026-11-26T08:00:00Z.
const std::chrono::system_clock::time_point now{1'795'680'000s};

std::optional<std::chrono::milliseconds> rest(http_headers headers) {
  return exhausted_for({200, std::move(headers)}, now);
}

} // namespace

SUITE("rate limits") {

TEST("a key with nothing left rests until its reset") {
  check(rest({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "1m30s"}}) == 90s);
  check(rest({{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "6ms"}}) == 6ms);
  check(rest({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "12"}}) == 12s);
  check(rest({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795680030"}}) == 30s);
  check(rest({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795680030500"}}) == 30'500ms);
  check(rest({{"anthropic-ratelimit-input-tokens-remaining", "0"},
              {"anthropic-ratelimit-input-tokens-reset", "2026-11-26T08:00:07Z"}})
        == 7s);
}

TEST("the longest of several counts") {
  check(rest({{"anthropic-ratelimit-requests-remaining", "0"},
              {"anthropic-ratelimit-requests-reset", "2026-11-26T08:00:01Z"},
              {"anthropic-ratelimit-output-tokens-remaining", "0"},
              {"anthropic-ratelimit-output-tokens-reset", "2026-11-26T09:00:20+01:00"}})
        == 20s);
}

TEST("what is left, unknown or past means no rest") {
  check(!rest({}));
  check(!rest({{"x-ratelimit-remaining-requests", "1"}, {"x-ratelimit-reset-requests", "1m"}}));
  check(!rest({{"x-ratelimit-remaining-requests", "-1"}, {"x-ratelimit-reset-requests", "1m"}}));
  check(!rest({{"x-ratelimit-remaining-requests", "0"}}));
  check(!rest({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "0s"}}));
  check(!rest({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "soon"}}));
  check(!rest({{"x-ratelimit-remaining-requests", "none"}, {"x-ratelimit-reset-requests", "1m"}}));
  check(!rest({{"anthropic-ratelimit-requests-remaining", "0"},
               {"anthropic-ratelimit-requests-reset", "2026-11-26T07:59:59Z"}}));
}

TEST("no rest is longer than an hour") {
  check(rest({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "23h"}}) == 1h);
  check(rest({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1999999999"}}) == 1h);
}

} // SUITE("rate limits")
