#include <magna/actors/health/provider_meter.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace magna;

namespace {
const auto start = steady_time{} + 1h;
} // namespace

SUITE("provider meter") {

TEST("attempts under way are counted from all threads") {
  provider_meter meter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 1'000; ++k) {
        meter.begin_attempt();
        meter.add_success(1ms, 2ms, start);
        meter.end_attempt();
      }
    });
  for (auto& x : threads)
    x.join();
  check_eq(meter.in_flight(), 0u);
  check_eq(meter.read().successes, 4'000u);
}

TEST("a success is news until the provider is settled, and again after") {
  provider_meter meter;
  check(!meter.add_success(1ms, 2ms, start));
  meter.settle(true);
  check(meter.add_success(1ms, 2ms, start + 1s));
  check(meter.last_success() == start + 1s);
  meter.settle(false);
  check(!meter.add_success(1ms, 2ms, start + 2s));
}

TEST("what is late is known after 20 answers") {
  provider_meter meter;
  for (int i = 0; i < 19; ++i)
    meter.add_ttft(100ms);
  check(!meter.late_after());
  for (int i = 0; i < 9; ++i)
    meter.add_ttft(100ms);
  require(meter.late_after().has_value());
  check(*meter.late_after() == 100ms);
}

TEST("another provider of the same name begins anew, but for what is under way") {
  provider_meter meter;
  meter.begin_attempt();
  meter.settle(true);
  meter.add_success(1ms, 2ms, start);
  meter.forget();
  check_eq(meter.in_flight(), 1u);
  check_eq(meter.read().successes, 0u);
  check(!meter.read().ttft_p50);
  check(!meter.add_success(1ms, 2ms, start));
}

TEST("retries stay within the budget") {
  provider_meter meter;
  const retry_budget_config limits{.percent = 20, .minimum = 1};
  meter.count_first_attempt(start);
  check(meter.take_retry(limits, start));
  check(!meter.take_retry(limits, start));
}

} // SUITE("provider meter")
