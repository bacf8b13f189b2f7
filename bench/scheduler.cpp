// What the runtime's threads are worth: those of CAF's scheduler, by policy and number, and those that work
// on HTTP.

#include <magna/bench/benches.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <magna/bench/metrics.hpp>

namespace magna::bench {

std::vector<row> bench_scheduler(runner& on) {
  const auto cores = std::max(std::thread::hardware_concurrency(), 2U);
  auto alone = on_all_cores(closed_loop(on.url(), false, 1, on.scaled(300)));
  alone.warm_up = 20;
  alone.pause_us = 3'000;
  comparison one{"a request every 3 ms, all cores", {with_subject(alone, "raw")}, {}};
  for (const auto* policy : {"sharing", "stealing"}) {
    for (const auto threads : {1U, cores, 2 * cores}) {
      auto what = alone;
      what.scheduler = policy;
      what.scheduler_threads = threads;
      one.contenders.push_back({std::string{policy} + ", threads: " + std::to_string(threads),
                                what,
                                {latency_p50(), latency_p99(), cpu_per_request()}});
    }
  }
  const auto many = on_all_cores(closed_loop(on.url(), false, 1'000, on.scaled(30'000, 1'000)));
  auto two = many;
  two.transport_threads = 2;
  const std::vector<metric> metrics{throughput(), latency_p99(), cpu_per_request()};
  comparison http{"1000 at a time, all cores",
                  {with_subject(many, "raw")},
                  {{"transport threads: 1", many, metrics}, {"transport threads: 2", two, metrics}}};
  return run_rounds(on, "scheduler", {std::move(one), std::move(http)});
}

} // namespace magna::bench
