#include <magna/actors/providers/key_ring.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

struct key_ring_fixture {
  const steady_time now = steady_time{} + 1h;
  key_ring ring{{"a", "b", "c"}};

  /// The keys of the next `count` choices, "-" standing for none.
  std::string choices(std::size_t count, steady_duration later = 0s) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
      const auto choice = ring.next(now + later);
      result += choice ? choice->key : "-";
    }
    return result;
  }
};

} // namespace

SUITE("key ring") {

WITH_FIXTURE(key_ring_fixture) {

TEST("keys take turns") {
  check_eq(choices(7), "abcabca");
}

TEST("a choice names the key's place in the configuration") {
  for (std::uint32_t i = 0; i < 3; ++i)
    check_eq(ring.next(now)->index, i);
}

TEST("a provider with no keys has an empty one, as often as it is asked for") {
  ring = key_ring{{}};
  for (auto i = 0; i < 3; ++i) {
    const auto choice = ring.next(now);
    require(choice.has_value());
    check_eq(choice->key, "");
    check_eq(choice->index, 0u);
  }
}

TEST("a refused key stays out, and the others go on taking turns") {
  ring.refuse(1);
  check_eq(choices(4), "acac");
  check_eq(choices(4, 24h), "acac");
}

TEST("when all keys were refused there is none, and none to wait for") {
  for (std::uint32_t i = 0; i < 3; ++i)
    ring.refuse(i);
  check_eq(choices(2), "--");
  check(!ring.next_rested(now));
}

TEST("a server that needs no key and refuses one request is asked again") {
  ring = key_ring{{}};
  ring.refuse(0);
  check(ring.next(now).has_value());
}

TEST("a resting key is left out until its time has come") {
  ring.rest(0, now + 10s);
  check_eq(choices(2), "bc");
  check_eq(choices(2, 10s - 1ns), "bc");
  check_eq(choices(3, 10s), "abc");
}

TEST("a shorter rest does not cut a longer one") {
  ring.rest(0, now + 10s);
  ring.rest(0, now + 1s);
  check_eq(choices(2, 5s), "bc");
}

TEST("when all keys rest there is none until the first is back") {
  ring.rest(0, now + 30s);
  ring.rest(1, now + 10s);
  ring.rest(2, now + 20s);
  check_eq(choices(1), "-");
  check(ring.next_rested(now) == now + 10s);
  check_eq(choices(2, 10s), "bb");
  check(ring.next_rested(now + 10s) == now + 20s);
}

TEST("a refused key is not waited for") {
  ring.rest(0, now + 10s);
  ring.rest(1, now + 20s);
  ring.refuse(0);
  check(ring.next_rested(now) == now + 20s);
}

TEST("nothing is waited for when no key rests") {
  check(!ring.next_rested(now));
  ring.rest(0, now);
  check(!ring.next_rested(now));
}

TEST("keys that can be used now are counted, one in use left out") {
  check_eq(ring.usable(now), 3u);
  check_eq(ring.usable(now, 1), 2u);
  ring.refuse(0);
  check_eq(ring.usable(now), 2u);
  check_eq(ring.usable(now, 0), 2u);
  check_eq(ring.usable(now, 1), 1u);
  ring.rest(2, now + 1s);
  check_eq(ring.usable(now, 1), 0u);
  check_eq(ring.usable(now + 1s, 1), 1u);
}

TEST("a single key has no other") {
  ring = key_ring{{"only"}};
  check_eq(ring.usable(now, 0), 0u);
}

TEST("a key that does not exist can be neither refused nor sent to rest") {
  check_throws<std::logic_error>([&] { ring.refuse(3); });
  check_throws<std::logic_error>([&] { ring.rest(3, now + 1h); });
  check_eq(choices(3), "abc");
}

} // WITH_FIXTURE(key_ring_fixture)

} // SUITE("key ring")
