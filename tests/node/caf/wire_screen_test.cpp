#include <magna/node/caf/wire_screen.hpp>

#include <cstdint>
#include <string>

#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

/// A message of CAF's protocol: its header, and as much payload as is given.
std::string message(unsigned char kind, std::uint32_t announced, const std::string& payload = {}) {
  std::string result(32, '\0');
  result[0] = static_cast<char>(kind);
  for (int i = 0; i < 4; ++i)
    result[static_cast<std::size_t>(4 + i)] = static_cast<char>(announced >> (24 - 8 * i) & 0xff);
  return result + payload;
}

std::string introduction() {
  return message(0x01, 5, "hello");
}

} // namespace

SUITE("wire_screen") {

TEST("a node introduces itself and then says what it likes") {
  wire_screen screen;
  check(!screen.introduced());
  check_eq(screen.look_at(introduction()), "");
  check(screen.introduced());
  check_eq(screen.look_at(message(0x02, 3, "abc") + message(0x06, 0) + message(0x02, 1, "\x16")), "");
}

TEST("any split of the bytes gives the same result") {
  const auto good = introduction() + message(0x02, 3, "abc") + message(0x06, 0);
  const auto bad = good + message(0x02, 100'000'000);
  for (const std::size_t step : {1, 3, 31, 32, 33, 64}) {
    wire_screen screen;
    std::size_t first_problem = 0;
    for (std::size_t at = 0; at < bad.size() && first_problem == 0; at += step)
      if (!screen.look_at(std::string_view{bad}.substr(at, step)).empty())
        first_problem = at + step;
    // It is in the length, four bytes from the fifth on; all of the header is looked at at once.
    check_ge(first_problem, good.size() + 8);
    check_le(first_problem, bad.size() + step);
  }
}

TEST("half an introduction is none") {
  wire_screen screen;
  const auto whole = introduction();
  check_eq(screen.look_at(whole.substr(0, whole.size() - 1)), "");
  check(!screen.introduced());
  check_eq(screen.look_at(whole.substr(whole.size() - 1)), "");
  check(screen.introduced());
}

TEST("the first byte of a stranger is enough") {
  check_eq(wire_screen{}.look_at("G"), "it speaks another protocol than a node's");
  check_eq(wire_screen{}.look_at("\x16"), "it speaks TLS, and this node listens without");
  check_eq(wire_screen{}.look_at(std::string(1, '\0')), "it speaks another protocol than a node's");
  // A node that says something before it has introduced itself.
  check_eq(wire_screen{}.look_at(message(0x02, 1)), "it speaks another protocol than a node's");
}

TEST("what is too large is refused by its header alone") {
  check_eq(wire_screen{}.look_at(message(0x01, 64 * 1024)), "");
  check_eq(wire_screen{}.look_at(message(0x01, 64 * 1024 + 1)),
           "an introduction of 65537 bytes; at most 65536 are taken");
  wire_screen screen;
  check_eq(screen.look_at(introduction() + message(0x02, 64 * 1024 * 1024)), "");
  wire_screen other;
  check_eq(other.look_at(introduction() + message(0x02, 100 * 1024 * 1024)),
           "a message of 104857600 bytes; at most 67108864 are taken");
}

TEST("a node that begins to talk nonsense is refused as well") {
  wire_screen screen;
  check_eq(screen.look_at(introduction()), "");
  check_eq(screen.look_at("\x07"), "it speaks another protocol than a node's");
}

} // SUITE("wire_screen")
