#include <magna/actors/requests/attempt_clock.hpp>

#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <source_location>
#include <stdexcept>
#include <string_view>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

const steady_time start = steady_time{} + 1h;

/// All of them different, so that each can be told from the others.
constexpr attempt_deadlines limits{
  .connect = 1s, .response_headers = 5s, .first_token = 10s, .idle = 7s, .total = milliseconds{60s}};

struct clock_fixture {
  attempt_clock stream{limits, true, start};
  attempt_clock whole{limits, false, start};

  /// Nothing has fired just before `at`, and exactly then `kind` does.
  void expect_fires(const attempt_clock& clock, steady_duration at, deadline_kind kind, milliseconds limit,
                    const std::source_location& location = std::source_location::current()) {
    auto& test = magna::test::runnable::current();
    test.check(clock.next() == start + at, location);
    test.check(!clock.expired(start + at - 1ns), location);
    const auto hit = clock.expired(start + at);
    test.require(hit.has_value(), location);
    test.check_eq(hit->kind, kind, location);
    test.check_eq(hit->limit, limit, location);
    test.check(clock.expired(start + at + 1h).has_value(), location);
  }
};

} // namespace

SUITE("attempt clock") {

WITH_FIXTURE(clock_fixture) {

TEST("a server that sends no headers hits their deadline") {
  expect_fires(stream, 5s, deadline_kind::response_headers, 5s);
  expect_fires(whole, 5s, deadline_kind::response_headers, 5s);
}

TEST("a stream with no token hits the first token's deadline, counted from the start") {
  stream.on_head();
  expect_fires(stream, 10s, deadline_kind::first_token, 10s);
}

TEST("signs of life don't put off the first token's deadline") {
  stream.on_head();
  stream.on_activity(start + 9s);
  expect_fires(stream, 10s, deadline_kind::first_token, 10s);
}

TEST("a stream that stalls hits the idle deadline, counted from its last token") {
  stream.on_head();
  stream.on_token(start + 4s);
  expect_fires(stream, 11s, deadline_kind::idle, 7s);
  stream.on_token(start + 8s);
  expect_fires(stream, 15s, deadline_kind::idle, 7s);
}

TEST("a ping puts off the idle deadline") {
  stream.on_head();
  stream.on_token(start + 4s);
  stream.on_activity(start + 6s);
  expect_fires(stream, 13s, deadline_kind::idle, 7s);
}

TEST("a stream that goes on forever hits the total deadline") {
  stream.on_head();
  for (auto at = 1s; at < 60s; at += 1s) {
    stream.on_token(start + at);
    check(!stream.expired(start + at));
  }
  expect_fires(stream, 60s, deadline_kind::total, 60s);
}

TEST("a stream with no total deadline may go on forever") {
  auto endless = limits;
  endless.total.reset();
  attempt_clock clock{endless, true, start};
  clock.on_head();
  for (auto at = 1h; at < 100h; at += 1h) {
    clock.on_token(start + at);
    check(!clock.expired(start + at));
  }
}

TEST("a whole answer knows no tokens: after its headers only the total deadline is left") {
  whole.on_head();
  expect_fires(whole, 60s, deadline_kind::total, 60s);
  whole.on_activity(start + 10s);
  expect_fires(whole, 60s, deadline_kind::total, 60s);
}

TEST("a whole answer with no total deadline has none after its headers") {
  auto endless = limits;
  endless.total.reset();
  attempt_clock clock{endless, false, start};
  clock.on_head();
  check(!clock.next());
  check(!clock.expired(start + 1000h));
}

TEST("of several deadlines that have passed the first is named") {
  const auto hit = stream.expired(start + 1h);
  check(hit.has_value() && hit->kind == deadline_kind::response_headers);
}

TEST("of deadlines that fire together the one is named that the others follow by default") {
  const settings all;
  const provider_settings provider;
  check(attempt_clock(deadlines_for(all, provider, true), true, start).expired(start + 30s)->kind
        == deadline_kind::first_token);
  check(attempt_clock(deadlines_for(all, provider, false), false, start).expired(start + 30s)->kind
        == deadline_kind::total);
}

TEST("nothing fires in a pause") {
  stream.pause(start + 1s);
  check(!stream.next());
  check(!stream.expired(start + 1000h));
}

TEST("a pause moves every deadline by its length") {
  SECTION("response headers") {
    stream.pause(start + 1s);
    stream.resume(start + 101s);
    expect_fires(stream, 105s, deadline_kind::response_headers, 5s);
  }
  SECTION("first token") {
    stream.on_head();
    stream.pause(start + 1s);
    stream.resume(start + 101s);
    expect_fires(stream, 110s, deadline_kind::first_token, 10s);
  }
  SECTION("idle") {
    stream.on_head();
    stream.on_token(start + 2s);
    stream.pause(start + 3s);
    stream.resume(start + 43s);
    expect_fires(stream, 49s, deadline_kind::idle, 7s);
  }
  SECTION("total") {
    whole.on_head();
    whole.pause(start + 59s);
    whole.resume(start + 159s);
    expect_fires(whole, 160s, deadline_kind::total, 60s);
  }
}

TEST("several pauses add up") {
  stream.on_head();
  for (auto i = 0; i < 10; ++i) {
    stream.pause(start + i * 1s);
    stream.resume(start + i * 1s + 500ms);
  }
  expect_fires(stream, 15s, deadline_kind::first_token, 10s);
}

TEST("pausing twice and resuming twice is pausing and resuming once") {
  stream.on_head();
  stream.pause(start + 1s);
  stream.pause(start + 2s);
  stream.resume(start + 4s);
  stream.resume(start + 9s);
  expect_fires(stream, 13s, deadline_kind::first_token, 10s);
}

TEST("a clock that was not paused does not resume") {
  stream.resume(start + 4s);
  expect_fires(stream, 5s, deadline_kind::response_headers, 5s);
}

TEST("a pause of no length changes nothing") {
  stream.pause(start + 4s);
  stream.resume(start + 4s);
  expect_fires(stream, 5s, deadline_kind::response_headers, 5s);
}

TEST("what arrives in a pause counts from the end of the pause") {
  stream.on_head();
  stream.on_token(start + 1s);
  stream.pause(start + 2s);
  stream.on_token(start + 10s);
  stream.resume(start + 20s);
  expect_fires(stream, 27s, deadline_kind::idle, 7s);
}

TEST("a deadline that had all but passed before a pause has as little left after it") {
  stream.pause(start + 5s - 1ms);
  stream.resume(start + 100s);
  expect_fires(stream, 100s + 1ms, deadline_kind::response_headers, 5s);
}

TEST("at any time the clock fires exactly when it said it would") {
  std::mt19937 random{11};
  const auto below = [&random](int n) { return std::uniform_int_distribution{0, n - 1}(random); };
  for (auto round = 0; round < 2'000; ++round) {
    attempt_clock clock{limits, below(4) != 0, start};
    auto now = start;
    for (auto i = 0; i < 40; ++i) {
      now += std::chrono::milliseconds{below(900)};
      switch (below(8)) {
        case 0:
          clock.on_head();
          break;
        case 1:
          clock.on_token(now);
          break;
        case 2:
          clock.on_activity(now);
          break;
        case 3:
          clock.pause(now);
          break;
        default:
          clock.resume(now);
      }
      const auto next = clock.next();
      if (!next) {
        require(!clock.expired(now + 24h));
      } else {
        require(!clock.expired(*next - 1ns));
        require(clock.expired(*next).has_value());
      }
    }
  }
}

TEST("every kind of deadline has words of its own") {
  std::vector<std::string_view> words;
  for (const auto kind : {deadline_kind::response_headers, deadline_kind::first_token, deadline_kind::idle,
                          deadline_kind::total}) {
    const auto text = to_string(kind);
    check(!text.empty());
    check(std::find(words.begin(), words.end(), text) == words.end());
    words.push_back(text);
  }
}

} // WITH_FIXTURE(clock_fixture)

TEST("a pause can't end before it began") {
  attempt_clock clock{limits, true, start};
  clock.pause(start + 2s);
  check_throws<std::logic_error>([&] { clock.resume(start + 1s); });
}

} // SUITE("attempt clock")
