#include <magna/actors/health/circuit_breaker.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>

using namespace magna;
using namespace std::chrono_literals;

namespace {

struct breaker_fixture {
  steady_time now = steady_time{} + 1h;
  circuit_breaker breaker{circuit_breaker_config{}};

  void fail_times(int times) {
    for (auto i = 0; i < times; ++i)
      breaker.on_failure(now);
  }

  /// Waits until the probe is due, and begins it. Returns how long that took.
  steady_duration begin_probe() {
    const auto due = breaker.next_probe();
    magna::test::runnable::current().require(due.has_value() && *due >= now);
    const auto rest = *due - now;
    magna::test::runnable::current().check(!breaker.start_probe(*due - 1ns));
    now = *due;
    magna::test::runnable::current().check(breaker.start_probe(now));
    return rest;
  }
};

} // namespace

SUITE("circuit breaker") {

WITH_FIXTURE(breaker_fixture) {

TEST("a provider that was not tried is UNKNOWN, and nothing is to be probed") {
  check_eq(breaker.state(), health_state::unknown);
  check_eq(breaker.consecutive_failures(), 0u);
  check(!breaker.next_probe());
  check(!breaker.start_probe(now));
}

TEST("one success makes a provider HEALTHY") {
  breaker.on_success();
  check_eq(breaker.state(), health_state::healthy);
}

TEST("one and two failures make a provider DEGRADED, three make it UNAVAILABLE") {
  fail_times(1);
  check_eq(breaker.state(), health_state::degraded);
  fail_times(1);
  check_eq(breaker.state(), health_state::degraded);
  fail_times(1);
  check_eq(breaker.state(), health_state::unavailable);
  check_eq(breaker.consecutive_failures(), 3u);
}

TEST("only consecutive failures count") {
  for (auto i = 0; i < 10; ++i) {
    fail_times(2);
    check_eq(breaker.state(), health_state::degraded);
    breaker.on_success();
    check_eq(breaker.state(), health_state::healthy);
    check_eq(breaker.consecutive_failures(), 0u);
  }
}

TEST("a circuit that is not open has nothing to probe") {
  fail_times(2);
  check(!breaker.next_probe());
  check(!breaker.start_probe(now + 24h));
}

TEST("an open circuit is probed after 30 s, not before, and by one probe only") {
  fail_times(3);
  check(!breaker.start_probe(now + 30s - 1ns));
  check(breaker.next_probe() == now + 30s);
  check(breaker.start_probe(now + 30s));
  check_eq(breaker.state(), health_state::unavailable);
  check(!breaker.start_probe(now + 30s));
  check(!breaker.start_probe(now + 24h));
  check(!breaker.next_probe());
}

TEST("each probe that fails doubles the rest, up to five minutes") {
  fail_times(3);
  for (const auto rest : {30s, 60s, 120s, 240s, 300s, 300s, 300s}) {
    check_eq(begin_probe(), rest);
    breaker.on_probe_failure(now);
    check_eq(breaker.state(), health_state::unavailable);
  }
}

TEST("the rest after a failed probe counts from its failure") {
  fail_times(3);
  begin_probe();
  breaker.on_probe_failure(now + 10s);
  check(breaker.next_probe() == now + 10s + 60s);
}

TEST("failures that come late neither prolong nor shorten the rest of an open circuit") {
  fail_times(3);
  const auto due = breaker.next_probe();
  for (auto i = 0; i < 50; ++i) {
    now += 500ms;
    fail_times(1);
    check_eq(breaker.state(), health_state::unavailable);
    check(breaker.next_probe() == due);
  }
  check_eq(breaker.consecutive_failures(), 53u);
  check_eq(begin_probe(), 5s);
}

TEST("an attempt that fails while the probe is under way is not taken for the probe") {
  fail_times(3);
  begin_probe();
  fail_times(5);
  check(!breaker.next_probe());
  check(!breaker.start_probe(now + 24h));
  breaker.on_probe_failure(now);
  check_eq(begin_probe(), 60s);
}

TEST("a probe on somebody's request leaves the rest of an open circuit as it is") {
  fail_times(3);
  const auto due = breaker.next_probe();
  breaker.on_probe_failure(now + 1s);
  check(breaker.next_probe() == due);
  check_eq(breaker.state(), health_state::unavailable);
}

TEST("a good probe closes the circuit, and the first success makes the provider HEALTHY") {
  fail_times(3);
  begin_probe();
  breaker.on_probe_success();
  check_eq(breaker.state(), health_state::degraded);
  check(!breaker.next_probe());
  breaker.on_success();
  check_eq(breaker.state(), health_state::healthy);
  check_eq(breaker.consecutive_failures(), 0u);
}

TEST("a good probe on somebody's request closes the circuit before its time") {
  fail_times(3);
  breaker.on_probe_success();
  check_eq(breaker.state(), health_state::degraded);
}

TEST("a provider that answers probes but fails requests is left alone longer each time") {
  fail_times(3);
  for (const auto rest : {30s, 60s, 120s, 240s, 300s, 300s}) {
    check_eq(begin_probe(), rest);
    breaker.on_probe_success();
    fail_times(1);
    check_eq(breaker.state(), health_state::unavailable);
  }
}

TEST("a success forgets how long the rests had become") {
  fail_times(3);
  begin_probe();
  breaker.on_probe_failure(now);
  begin_probe();
  breaker.on_probe_success();
  breaker.on_success();
  fail_times(3);
  check_eq(begin_probe(), 30s);
}

TEST("a request that succeeds in spite of an open circuit closes it") {
  fail_times(3);
  breaker.on_success();
  check_eq(breaker.state(), health_state::healthy);
  check(!breaker.next_probe());
}

TEST("a probe that fails after a request succeeded meanwhile counts as one failure") {
  fail_times(3);
  begin_probe();
  breaker.on_success();
  breaker.on_probe_failure(now);
  check_eq(breaker.state(), health_state::degraded);
  check_eq(breaker.consecutive_failures(), 1u);
}

TEST("failing probes alone open a circuit too") {
  for (auto i = 0; i < 3; ++i)
    breaker.on_probe_failure(now);
  check_eq(breaker.state(), health_state::unavailable);
  check_eq(begin_probe(), 30s);
}

TEST("good probes don't make up for failed requests") {
  fail_times(2);
  breaker.on_probe_success();
  check_eq(breaker.state(), health_state::degraded);
  fail_times(1);
  check_eq(breaker.state(), health_state::unavailable);
}

TEST("a provider that is down for good reason is UNAVAILABLE at once") {
  breaker.on_success();
  breaker.force_open(now);
  check_eq(breaker.state(), health_state::unavailable);
  check_ge(breaker.consecutive_failures(), 3u);
  check_eq(begin_probe(), 30s);
}

TEST("the threshold and the rests can be set") {
  breaker = circuit_breaker{{.failure_threshold = 1, .cooldown = 2s, .max_cooldown = 3s}};
  fail_times(1);
  check_eq(breaker.state(), health_state::unavailable);
  check_eq(begin_probe(), 2s);
  breaker.on_probe_failure(now);
  check_eq(begin_probe(), 3s);
  breaker.on_probe_success();
  check_eq(breaker.state(), health_state::degraded);
  fail_times(1);
  check_eq(breaker.state(), health_state::unavailable);
}

TEST("whatever happens in whatever order, the state changes only for its reasons") {
  std::mt19937 random{5};
  const auto below = [&random](int n) { return std::uniform_int_distribution{0, n - 1}(random); };
  for (auto round = 0; round < 2'000; ++round) {
    const auto threshold = static_cast<std::uint32_t>(1 + below(5));
    breaker = circuit_breaker{{.failure_threshold = threshold}};
    auto probing = false;
    for (auto i = 0; i < 60; ++i) {
      now += std::chrono::seconds{below(40)};
      const auto before = breaker.state();
      const auto due = breaker.next_probe();
      const auto event = below(10);
      if (event < 2) {
        breaker.on_success();
        probing = false;
        require_eq(breaker.state(), health_state::healthy);
      } else if (event < 6) {
        breaker.on_failure(now);
        if (before == health_state::unavailable)
          require(breaker.state() == before && breaker.next_probe() == due);
        else
          require_eq(breaker.state(), breaker.consecutive_failures() >= threshold ? health_state::unavailable
                                                                                  : health_state::degraded);
      } else if (event < 9) {
        const auto expected = before == health_state::unavailable && !probing && due && *due <= now;
        require_eq(breaker.start_probe(now), expected);
        require_eq(breaker.state(), before);
        probing = probing || expected;
      } else if (probing) {
        probing = false;
        if (below(2) == 0) {
          breaker.on_probe_failure(now);
          require_eq(breaker.state(), health_state::unavailable);
        } else {
          breaker.on_probe_success();
          require_eq(breaker.state(), health_state::degraded);
        }
      }
      // An open circuit always has a way out: its probe is due at a known time, or under way.
      if (breaker.state() == health_state::unavailable) {
        require_eq(breaker.next_probe().has_value(), !probing);
        if (!probing)
          require_le(*breaker.next_probe(), now + 5min);
      } else {
        require(!breaker.next_probe());
      }
    }
  }
}

TEST("a configuration without sense is refused, and changes nothing") {
  for (const circuit_breaker_config& bad :
       {circuit_breaker_config{.failure_threshold = 0}, circuit_breaker_config{.cooldown = 0s},
        circuit_breaker_config{.cooldown = 2s, .max_cooldown = 1s}}) {
    check_throws<std::logic_error>([&] { circuit_breaker{bad}; });
    check_throws<std::logic_error>([&] { breaker.configure(bad); });
  }
  check_eq(breaker.state(), health_state::unknown);
}

} // WITH_FIXTURE(breaker_fixture)

} // SUITE("circuit breaker")
