#include <magna/text/assert.hpp>

#include <magna/tests/support/test.hpp>

#include <stdexcept>
#include <string>

using namespace magna;

SUITE("assertions") {

TEST("one that holds does nothing") {
  int evaluated = 0;
  MAGNA_ASSERT(++evaluated == 1);
  check_eq(evaluated, 1);
}

TEST("one that is violated throws, and names the condition, the file and the line") {
  const int found = 3;
  const int line = __LINE__ + 2;
  try {
    MAGNA_ASSERT(found < 2);
    fail("nothing was thrown");
  } catch (const std::logic_error& error) {
    check_eq(error.what(), "assert_test.cpp:" + std::to_string(line) + ": this must hold: found < 2");
  }
}

} // SUITE("assertions")
