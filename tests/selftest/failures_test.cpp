// Tests that fail, each in one way. They run only under ctest's WILL_FAIL.

#include <magna/tests/support/test.hpp>

#include <stdexcept>
#include <string>

SUITE("failures") {

TEST("check") {
  check(false);
}

TEST("check_eq") {
  check_eq(std::string{"first"}, "second");
}

TEST("require") {
  require(false);
  fail("a failed requirement must end the test");
}

TEST("fail") {
  fail("the answer is {}", 42);
}

TEST("exception") {
  throw std::runtime_error("thrown by the test");
}

TEST("section") {
  SECTION("passes") {
    check(true);
  }
  SECTION("fails") {
    check(false);
  }
}

} // SUITE("failures")
