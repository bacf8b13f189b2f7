#include <magna/actors/health/health_record.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using namespace magna;

namespace {

const auto start = steady_time{} + 1h;

health_record fresh() {
  return {circuit_breaker_config{.failure_threshold = 3, .cooldown = 30s, .max_cooldown = 5min}, "same"};
}

health_fact fact(health_state state, std::chrono::milliseconds age, std::string identity = "same") {
  return {.provider = "one",
          .identity = std::move(identity),
          .state = state,
          .open_for = state == health_state::unavailable ? 20s : 0s,
          .rest_for = {},
          .age = age};
}

} // namespace

SUITE("health record") {

TEST("a success makes it settled, a failure ends that") {
  auto x = fresh();
  check(!x.settled());
  x.on_success(start);
  check_eq(x.state(), health_state::healthy);
  check(x.settled());
  x.on_failure(errc::timeout, std::nullopt, start + 1s);
  check_eq(x.state(), health_state::degraded);
  check(!x.settled());
}

TEST("a rate limit puts it to rest for as long as the server says, or 5 s, until a success") {
  auto x = fresh();
  x.on_failure(errc::rate_limited, 17s, start);
  check(x.rest_until() == start + 17s);
  x.on_failure(errc::rate_limited, std::nullopt, start + 20s);
  check(x.rest_until() == start + 25s);
  x.on_success(start + 30s);
  check(!x.rest_until());
}

TEST("what this node has not seen it does not tell") {
  auto x = fresh();
  check(!x.fact("one", start));
  check(x.adopt(fact(health_state::unavailable, 1s), start));
  check(!x.fact("one", start));
  x.on_success(start + 1s);
  const auto told = x.fact("one", start + 3s);
  require(told.has_value());
  check_eq(told->state, health_state::healthy);
  check(told->age == caf::timespan{2s});
}

TEST("another node's more recent word counts") {
  auto x = fresh();
  x.on_failure(errc::timeout, std::nullopt, start);
  check(x.adopt(fact(health_state::unavailable, 1s), start + 10s));
  check_eq(x.state(), health_state::unavailable);
  check(x.next_probe() == start + 30s);
}

TEST("an older word, one about the same moment, and one about another provider count for nothing") {
  auto x = fresh();
  x.on_failure(errc::timeout, std::nullopt, start);
  check(!x.adopt(fact(health_state::unavailable, 2s), start + 1s));
  check(!x.adopt(fact(health_state::unavailable, 900ms), start + 1s));
  check(!x.adopt(fact(health_state::unavailable, 1s, "another"), start + 10s));
  check(!x.adopt(fact(health_state::unavailable, 6min), start + 1h));
  check_eq(x.state(), health_state::degraded);
}

TEST("a fresh success of this node's own stands above bad news of others, for 5 s") {
  auto x = fresh();
  x.on_success(start);
  check(!x.adopt(fact(health_state::unavailable, 1s), start + 4s));
  check_eq(x.state(), health_state::healthy);
  check(x.adopt(fact(health_state::healthy, 1s), start + 4s));
  check(x.adopt(fact(health_state::unavailable, 100ms), start + 6s));
  check_eq(x.state(), health_state::unavailable);
}

TEST("successes that were only counted are as fresh as others") {
  auto x = fresh();
  x.on_success(start);
  x.note_successes(start + 60s);
  check(!x.adopt(fact(health_state::unavailable, 100ms), start + 62s));
  const auto told = x.fact("one", start + 62s);
  require(told.has_value());
  check(told->age == caf::timespan{2s});
  // An earlier one changes nothing.
  x.note_successes(start + 30s);
  check(x.fact("one", start + 62s)->age == caf::timespan{2s});
}

TEST("no other node can put a provider to rest for more than 5 minutes") {
  auto x = fresh();
  auto word = fact(health_state::degraded, 0s);
  word.rest_for = 10h;
  check(x.adopt(word, start));
  check(x.rest_until() == start + 5min);
}

TEST("spans of another node that no clock can hold change nothing but what they say") {
  auto x = fresh();
  auto word = fact(health_state::unavailable, 0s);
  word.open_for = caf::timespan::max();
  word.age = caf::timespan::min();
  check(x.adopt(word, start));
  check_eq(x.state(), health_state::unavailable);
  require(x.next_probe().has_value());
  check(*x.next_probe() > start);
  x.on_failure(errc::rate_limited, steady_duration::max(), start);
  check(*x.rest_until() > start);
}

TEST("a probe that could not be sent has found out nothing: the next one comes after the same rest") {
  auto x = fresh();
  x.on_probe_failure(errc::overloaded, start);
  check_eq(x.state(), health_state::unknown);
  for (int i = 0; i < 3; ++i)
    x.on_failure(errc::timeout, std::nullopt, start);
  check(x.start_probe(start + 30s));
  x.on_probe_failure(errc::overloaded, start + 31s);
  check_eq(x.consecutive_failures(), 3u);
  check(x.next_probe() == start + 61s);
}

TEST("a bad probe keeps an open circuit open, whatever its reason") {
  auto x = fresh();
  for (int i = 0; i < 3; ++i)
    x.on_failure(errc::timeout, std::nullopt, start);
  check(x.start_probe(start + 30s));
  x.on_probe_failure(errc::model_not_found, start + 31s);
  check_eq(x.state(), health_state::unavailable);
  check(x.next_probe() == start + 91s);
}

} // SUITE("health record")
