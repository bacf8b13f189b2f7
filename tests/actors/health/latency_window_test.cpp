#include <magna/actors/health/latency_window.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <stdexcept>

using namespace magna;
using namespace std::chrono_literals;

SUITE("latency window") {

TEST("there is no percentile before the first value") {
  check(!latency_window{}.percentile(50));
}

TEST("one value is every percentile") {
  latency_window window;
  window.add(7ms);
  for (std::size_t percent : {0, 1, 50, 95, 100})
    check(window.percentile(percent) == 7ms);
}

TEST("percentiles are the nearest rank's, whatever order the values came in") {
  latency_window window;
  for (auto i = 0; i < 100; ++i)
    window.add(std::chrono::milliseconds{(i * 37) % 100 + 1});
  check(window.percentile(0) == 1ms);
  check(window.percentile(1) == 1ms);
  check(window.percentile(50) == 50ms);
  check(window.percentile(95) == 95ms);
  check(window.percentile(100) == 100ms);
}

TEST("a rank between two values is the upper one") {
  latency_window window;
  for (const auto value : {15ms, 20ms, 35ms, 40ms, 50ms})
    window.add(value);
  check(window.percentile(5) == 15ms);
  check(window.percentile(30) == 20ms);
  check(window.percentile(40) == 20ms);
  check(window.percentile(41) == 35ms);
  check(window.percentile(95) == 50ms);
}

TEST("only the most recent 256 values count") {
  latency_window window;
  for (auto i = 0; i < 256; ++i)
    window.add(1h);
  for (auto i = 1; i <= 255; ++i)
    window.add(1ms);
  check(window.percentile(100) == 1h);
  check(window.percentile(99) == 1ms);
  window.add(1ms);
  check(window.percentile(100) == 1ms);
  for (auto i = 0; i < 1000; ++i)
    window.add(2ms);
  check(window.percentile(0) == 2ms);
}

TEST("there is nothing beyond the slowest of all") {
  latency_window window;
  window.add(1ms);
  check_throws<std::logic_error>([&] { (void)window.percentile(101); });
}

} // SUITE("latency window")
