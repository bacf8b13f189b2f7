#include <magna/actors/supervision/restart_policy.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <deque>
#include <random>
#include <stdexcept>

using namespace magna;
using namespace std::chrono_literals;

namespace {

struct restart_fixture {
  steady_time now = steady_time{} + 1h;
  restart_policy policy;

  /// The child runs for `uptime` and crashes. Returns the wait before its restart, and moves to that.
  steady_duration crash_after(steady_duration uptime) {
    now += uptime;
    const auto wait = policy.on_crash(now);
    now += wait;
    return wait;
  }
};

} // namespace

SUITE("restart policy") {

WITH_FIXTURE(restart_fixture) {

TEST("five restarts within ten seconds are done at once, the sixth backs off") {
  for (auto i = 0; i < 5; ++i)
    check_eq(crash_after(1s), 0s);
  check_eq(crash_after(1s), 1s);
}

TEST("a child that crashes as soon as it runs backs off longer and longer, up to 30 s, for good") {
  for (auto i = 0; i < 5; ++i)
    check_eq(crash_after(0s), 0s);
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s, 30s, 30s, 30s, 30s, 30s})
    check_eq(crash_after(0s), wait);
}

TEST("a child that crashes within ten seconds of each restart stays in backoff") {
  for (auto i = 0; i < 5; ++i)
    crash_after(0s);
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s})
    check_eq(crash_after(9s), wait);
}

TEST("crashes that are rare enough never back off") {
  for (auto i = 0; i < 100; ++i)
    check_eq(crash_after(2500ms), 0s);
}

TEST("a child that ran for longer than the period starts with a clean slate") {
  for (auto i = 0; i < 9; ++i)
    crash_after(0s);
  for (auto i = 0; i < 5; ++i)
    check_eq(crash_after(i == 0 ? 10s + 1ns : 0s), 0s);
  check_eq(crash_after(0s), 1s);
}

TEST("the period counts from restart to crash, its last instant included") {
  for (auto i = 0; i < 6; ++i)
    crash_after(0s);
  check_eq(crash_after(10s), 2s);
}

TEST("a restart counts from when it happens, not from the crash before it") {
  policy = restart_policy{{.max_restarts = 1, .period = 10s, .backoff = 20s, .max_backoff = 30s}};
  check_eq(crash_after(0s), 0s);
  check_eq(crash_after(0s), 20s);
  check_eq(crash_after(0s), 30s);
}

TEST("no restart at once can be asked for") {
  policy = restart_policy{{.max_restarts = 0}};
  check_eq(crash_after(0s), 1s);
  check_eq(crash_after(0s), 2s);
  check_eq(crash_after(1min), 1s);
}

TEST(
  "whenever a child crashes, no ten seconds see more than five restarts at once, and no wait exceeds 30 s") {
  std::mt19937 random{7};
  std::uniform_int_distribution<int> uptime{0, 6000};
  std::deque<steady_time> at_once;
  for (auto i = 0; i < 20'000; ++i) {
    const auto wait = crash_after(std::chrono::milliseconds{uptime(random) * (i % 50 == 0 ? 5 : 1)});
    require_le(wait, 30s);
    if (wait != 0s)
      continue;
    at_once.push_back(now);
    if (at_once.size() > 6)
      at_once.pop_front();
    if (at_once.size() == 6)
      require_gt(at_once.back() - at_once.front(), 10s);
  }
}

} // WITH_FIXTURE(restart_fixture)

TEST("a configuration without sense is refused") {
  for (const restart_policy_config& bad :
       {restart_policy_config{.period = 0s}, restart_policy_config{.backoff = 0s},
        restart_policy_config{.backoff = 2s, .max_backoff = 1s}})
    check_throws<std::logic_error>([&] { restart_policy{bad}; });
}

} // SUITE("restart policy")
