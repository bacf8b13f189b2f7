#include <magna/tests/support/test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct opaque {
  int value = 0;

  bool operator==(const opaque&) const = default;
};

enum class colour { red, green };

struct counting_fixture {
  counting_fixture() { ++constructed; }

  static inline int constructed = 0;

  int value = 7;

  void check_value() { magna::test::runnable::current().check_eq(value, 7); }
};

std::vector<std::string> visited;

} // namespace

SUITE("checks") {

TEST("every comparison passes when it holds") {
  check(true);
  check(check_eq(1, 1));
  check(check_ne(1, 2));
  check_lt(1, 2);
  check_le(2, 2);
  check_gt(2, 1);
  check_ge(2, 2);
  require(true);
  require_eq(std::string{"a"}, "a");
  require_ne(std::string{"a"}, "b");
  check_eq(0.1 + 0.2, magna::test::approx{0.3}.epsilon(1e-9));
}

TEST("values that cannot be printed can be compared") {
  check_eq(opaque{1}, opaque{1});
  check_ne(opaque{1}, opaque{2});
  check_eq(colour::red, colour::red);
  check_eq(std::optional<int>{}, std::nullopt);
  check_eq(std::optional{colour::green}, colour::green);
  check_eq(std::vector{opaque{1}}, std::vector{opaque{1}});
  check_eq(std::make_unique<int>(1) == nullptr, false);
  check_eq(1500ms, 1500000us);
}

TEST("an exception is expected by its type") {
  check_throws([] { throw 1; });
  check_throws<std::logic_error>([] { throw std::invalid_argument("x"); });
}

TEST("the value inside an optional is a requirement") {
  check_eq(unbox(std::optional<int>{3}), 3);
  check_has_value(std::optional<int>{3});
}

} // SUITE("checks")

SUITE("sections") {

TEST("a test runs once per innermost section") {
  std::string path = "start";
  SECTION("a") {
    path += " a";
    SECTION("a1") {
      path += " a1";
      visited.push_back(path);
    }
    SECTION("a2") {
      path += " a2";
      visited.push_back(path);
    }
  }
  SECTION("b") {
    path += " b";
    visited.push_back(path);
  }
}

TEST("sections were all visited, in order, each from the start") {
  check_eq(visited, std::vector<std::string>{"start a a1", "start a a2", "start b"});
}

} // SUITE("sections")

SUITE("fixtures") {

WITH_FIXTURE(counting_fixture) {

TEST("a test has the members of its fixture") {
  check_eq(value, 7);
  check_value();
}

TEST("every test has a fixture of its own") {
  check_eq(counting_fixture::constructed, 2);
}

} // WITH_FIXTURE(counting_fixture)

} // SUITE("fixtures")
