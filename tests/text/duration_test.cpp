#include <magna/text/duration.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;
using namespace std::chrono_literals;

SUITE("durations") {

TEST("what was set is exact") {
  check_eq(seconds_text(0ms), "0 s");
  check_eq(seconds_text(1ms), "0.001 s");
  check_eq(seconds_text(250ms), "0.25 s");
  check_eq(seconds_text(30s), "30 s");
  check_eq(seconds_text(86'399'999ms), "86399.999 s");
}

TEST("for people, durations are short") {
  check_eq(readable_duration(0ms), "0 ms");
  check_eq(readable_duration(999ms), "999 ms");
  check_eq(readable_duration(999'600us), "1 s");
  check_eq(readable_duration(1250ms), "1.25 s");
  check_eq(readable_duration(12'340ms), "12.3 s");
  check_eq(readable_duration(20s), "20 s");
  check_eq(readable_duration(60s), "1 min");
  check_eq(readable_duration(125s), "2 min 5 s");
}

} // SUITE("durations")
