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

TEST("a refused key is put aside for ten minutes, and the others go on taking turns") {
  ring.refuse(1, now);
  check_eq(choices(4), "acac");
  check_eq(choices(2, 10min - 1ns), "ac");
  check_eq(choices(3, 10min), "abc");
}

TEST("each further refusal doubles that, up to an hour") {
  ring = key_ring{{"only"}};
  auto then = now;
  for (const auto ban : {10min, 20min, 40min, 60min, 60min}) {
    ring.refuse(0, then);
    check(ring.next_forgiven(then) == then + ban);
    check(!ring.next(then + ban - 1ns));
    then += ban;
    check(ring.next(then).has_value());
  }
}

TEST("attempts that began together and are refused together count once") {
  ring.refuse(0, now);
  ring.refuse(0, now + 1s);
  check(ring.next_forgiven(now) == now + 10min);
}

TEST("a probe that accepts a key brings it back, and an answer makes its past forgotten") {
  ring = key_ring{{"only"}};
  ring.refuse(0, now);
  ring.accept(0, false);
  check_eq(choices(1), "only");
  ring.refuse(0, now);
  check(ring.next_forgiven(now) == now + 20min);
  ring.accept(0, true);
  ring.refuse(0, now);
  check(ring.next_forgiven(now) == now + 10min);
}

TEST("when all keys were refused there is none, and the first one's return is known") {
  for (std::uint32_t i = 0; i < 3; ++i)
    ring.refuse(i, now + i * 1s);
  check_eq(choices(2, 2s), "--");
  check(!ring.next_rested(now + 2s));
  check(ring.next_forgiven(now + 2s) == now + 10min);
}

TEST("a probe uses the next key, and if there is none the one that comes back first") {
  ring.refuse(0, now);
  check_eq(ring.for_probe(now).key, "b");
  ring.rest(1, now + 20s);
  ring.rest(2, now + 10s);
  check_eq(ring.for_probe(now).key, "c");
}

TEST("a key that has nothing left is used only if all have nothing left") {
  ring.spare(0, now + 20s);
  check_eq(choices(4), "bcbc");
  check(!ring.spared_until(now));
  ring.spare(1, now + 10s);
  ring.spare(2, now + 30s);
  check(ring.spared_until(now) == now + 10s);
  check_eq(choices(3).size(), 3u);
  check_eq(choices(3, 10s), "bbb");
}

TEST("a key that can't be used at all does not make a provider look better or worse") {
  ring.refuse(0, now);
  ring.spare(1, now + 10s);
  ring.spare(2, now + 10s);
  check(ring.spared_until(now) == now + 10s);
}

TEST("a server that needs no key and refuses one request is asked again") {
  ring = key_ring{{}};
  ring.refuse(0, now);
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
  ring.refuse(0, now);
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
  ring.refuse(0, now);
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
  check_throws<std::logic_error>([&] { ring.refuse(3, now); });
  check_throws<std::logic_error>([&] { ring.spare(3, now + 1h); });
  check_throws<std::logic_error>([&] { ring.rest(3, now + 1h); });
  check_eq(choices(3), "abc");
}

} // WITH_FIXTURE(key_ring_fixture)

} // SUITE("key ring")
