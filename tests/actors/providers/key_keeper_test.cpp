#include <magna/actors/providers/key_keeper.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

/// The test answers.
struct manual_source : key_source {
  void fetch(const std::shared_ptr<transport>&, std::function<void(key_answer)> done) override {
    if (breaks)
      throw std::runtime_error{"no vault"};
    pending.push_back(std::move(done));
  }
  std::vector<std::string> secrets() const override { return {"sesame"}; }

  std::vector<std::function<void(key_answer)>> pending;
  bool breaks = false;
};

struct keeper_fixture {
  std::shared_ptr<manual_source> source = std::make_shared<manual_source>();
  int wakes = 0;
  key_keeper keeper{source, nullptr, [this] { ++wakes; }};
  steady_time now = steady_time{} + 100h;

  /// The key, or "-" while one is awaited, or why there is none.
  std::string key() {
    if (const auto* found = keeper.find(now))
      return *found;
    return keeper.failure() != nullptr ? to_string(keeper.failure()->code) + ": " + keeper.failure()->message
                                       : "-";
  }

  void issue(std::string key, std::optional<std::chrono::seconds> lifetime) {
    source->pending.back()(issued_key{std::move(key), lifetime});
  }
  void refuse(errc code, std::string message) { source->pending.back()(no_key{code, std::move(message)}); }
  std::size_t fetches() const { return source->pending.size(); }
};

} // namespace

SUITE("key keeper") {

WITH_FIXTURE(keeper_fixture) {

TEST("the first key is fetched when it is needed, once") {
  check_eq(fetches(), 0u);
  check_eq(key(), "-");
  check_eq(key(), "-");
  check_eq(fetches(), 1u);
  issue("k1", 1h);
  check_eq(wakes, 1);
  check_eq(key(), "k1");
  check_eq(fetches(), 1u);
}

TEST("a key is renewed before it expires, while it goes on being used") {
  key();
  issue("k1", 1h);
  check_eq(key(), "k1");
  now += 54min;
  check_eq(key(), "k1");
  check_eq(fetches(), 1u);
  now += 2min;
  check_eq(key(), "k1");
  check_eq(key(), "k1");
  check_eq(fetches(), 2u);
  issue("k2", 1h);
  check_eq(key(), "k2");
}

TEST("a key of a short life is renewed in its last quarter") {
  key();
  issue("k1", 40s);
  check_eq(key(), "k1");
  now += 29s;
  key();
  check_eq(fetches(), 1u);
  now += 2s;
  key();
  check_eq(fetches(), 2u);
}

TEST("a key that has expired is not used") {
  key();
  issue("k1", 1h);
  check_eq(key(), "k1");
  now += 1h;
  check_eq(key(), "-");
  check_eq(fetches(), 2u);
}

TEST("a key without a lifetime is used until it is refused") {
  key();
  issue("k1", std::nullopt);
  check_eq(key(), "k1");
  now += 1000h;
  check_eq(key(), "k1");
  keeper.refuse("another", now);
  check_eq(key(), "k1");
  keeper.refuse("k1", now);
  check_eq(key(), "-");
  check_eq(fetches(), 2u);
}

TEST("a key that is refused as soon as it came is not asked for again and again") {
  key();
  issue("k1", 1h);
  check_eq(key(), "k1");
  keeper.refuse("k1", now + 1s);
  check_eq(key(), "authentication_failed: the provider refuses the key that it was just given");
  check_eq(fetches(), 1u);
  now += 11s;
  check_eq(key(), "-");
  check_eq(fetches(), 2u);
}

TEST("a failure is told, and the source asked again after a pause: a second, or ten if it refuses") {
  key();
  refuse(errc::provider_unavailable, "away");
  check_eq(key(), "provider_unavailable: away");
  check(keeper.pause_left(now) == 1s);
  check_eq(fetches(), 1u);
  now += 1s;
  check_eq(key(), "-");
  refuse(errc::authentication_failed, "who?");
  check_eq(key(), "authentication_failed: who?");
  now += 9s;
  check_eq(key(), "authentication_failed: who?");
  now += 1s;
  check_eq(key(), "-");
  check_eq(fetches(), 3u);
}

TEST("a failed renewal leaves the old key in use, to its end") {
  key();
  issue("k1", 1h);
  key();
  now += 56min;
  check_eq(key(), "k1");
  refuse(errc::provider_unavailable, "away");
  check_eq(key(), "k1");
  now += 2s;
  check_eq(key(), "k1");
  check_eq(fetches(), 3u);
  refuse(errc::provider_unavailable, "still away");
  check_eq(key(), "k1");
  now += 4min;
  check_eq(key(), "-");
  refuse(errc::provider_unavailable, "gone");
  check_eq(key(), "provider_unavailable: gone");
}

TEST("a source that never answers has failed after 30 s, and what it says later is void") {
  check(!keeper.alarm());
  key();
  check(keeper.alarm() == now + 30s);
  now += 30s;
  keeper.take(now);
  check_eq(key(), "provider_unavailable: the source of keys did not answer within 30 s");
  issue("late", 1h);
  check_eq(key(), "provider_unavailable: the source of keys did not answer within 30 s");
  now += 1s;
  check_eq(key(), "-");
}

TEST("a source that answers twice, with nonsense, or throws") {
  key();
  issue("k1", 1h);
  issue("k2", 1h);
  check_eq(wakes, 1);
  check_eq(key(), "k1");
  keeper.refuse("k1", now + 2min);
  for (const auto* text : {"", "a b", "a\nb"}) {
    now += 5min;
    key();
    issue(text, 1h);
    check_eq(key(), "provider_unavailable: the source of keys gave one that can't be used");
  }
  now += 5min;
  key();
  issue("k3", 0s);
  check_eq(key(), "provider_unavailable: the source of keys gave one that can't be used");
  now += 5min;
  source->breaks = true;
  check_eq(key(), "provider_unavailable: the source of keys failed: no vault");
}

TEST("a failure shows no secret of the source") {
  key();
  refuse(errc::authentication_failed, "the password sesame is wrong");
  check_eq(key(), "authentication_failed: the password [redacted] is wrong");
}

TEST("an answer may come after the keeper's end") {
  auto short_lived = std::make_unique<key_keeper>(source, nullptr, [this] { ++wakes; });
  short_lived->find(now);
  short_lived.reset();
  issue("k1", 1h);
  check_eq(wakes, 1);
}

} // WITH_FIXTURE(keeper_fixture)

} // SUITE("key keeper")
