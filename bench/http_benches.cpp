// The benches whose upstream is a process of its own: all but `parse` and most of `growth`.

#include <magna/bench/benches.hpp>

#include <cstdint>
#include <string>
#include <thread>

#include <magna/bench/metrics.hpp>
#include <magna/bench/node_process.hpp>

namespace magna::bench {

namespace {

metric latency_p50(std::optional<target> goal = {}) {
  return {"latency p50", "us", [](const figures& x, const load&) { return x.latency_p50; }, goal};
}

metric latency_p99(std::optional<target> goal = {}) {
  return {"latency p99", "us", [](const figures& x, const load&) { return x.latency_p99; }, goal};
}

metric ttft_p50(std::optional<target> goal = {}) {
  return {"ttft p50", "us", [](const figures& x, const load&) { return x.ttft_p50; }, goal};
}

double chunks_of(const figures& x, const load& what) {
  return what.requests > 0 ? static_cast<double>(x.requests) * what.chunks : static_cast<double>(x.chunks);
}

metric chunk_rate() {
  return {"throughput",
          "chunks/s",
          [](const figures& x, const load& what) { return chunks_of(x, what) / x.seconds; },
          {},
          true};
}

metric cpu_per_chunk(std::optional<target> goal = {}) {
  return {"cpu per chunk", "us",
          [](const figures& x, const load& what) { return x.cpu_us / chunks_of(x, what); }, goal};
}

metric late_p50() {
  return {"delay p50", "us", [](const figures& x, const load&) { return x.late_p50; }};
}

metric late_p99(std::optional<target> goal = {}) {
  return {"delay p99", "us", [](const figures& x, const load&) { return x.late_p99; }, goal};
}

metric memory(std::optional<target> goal = {}) {
  return {"memory per stream", "KiB", [](const figures& x, const load&) { return x.kib_per_stream; }, goal};
}

metric cpu_load() {
  return {"cpu", "% of a core", [](const figures& x, const load&) { return x.cpu_us / x.seconds / 1e4; }};
}

load closed_loop(const std::string& upstream, bool stream, std::uint32_t in_flight, std::uint64_t requests) {
  load made;
  made.url = upstream;
  made.stream = stream;
  made.in_flight = in_flight;
  made.requests = requests;
  made.warm_up = std::max<std::uint64_t>(2 * in_flight, 200);
  return made;
}

load endless(const std::string& upstream, std::uint32_t streams, std::uint32_t interval_us, double seconds) {
  load made;
  made.url = upstream;
  made.stream = true;
  made.in_flight = streams;
  made.pause_us = interval_us;
  made.seconds = seconds;
  return made;
}

comparison against_raw(std::string name, const load& what, std::vector<metric> metrics) {
  comparison made{.name = std::move(name), .baseline = what, .magna = what, .metrics = std::move(metrics)};
  made.baseline.subject = "raw";
  return made;
}

constexpr auto at_most(double limit) {
  return target{.limit = limit};
}

} // namespace

std::vector<row> bench_request(const std::string& upstream, const effort& how) {
  const auto loop = [&](std::uint32_t in_flight, std::uint64_t requests) {
    return closed_loop(upstream, false, in_flight, scaled(requests, how, in_flight));
  };
  const std::vector<metric> plain{throughput(), latency_p50(), latency_p99(), cpu_per_request()};
  std::vector<comparison> all{
    against_raw("concurrency 1", loop(1, 4'000),
                {throughput(), latency_p50(at_most(1.7)), latency_p99(), cpu_per_request()}),
    against_raw("concurrency 8", loop(8, 20'000), plain),
    against_raw("concurrency 64", loop(64, 40'000),
                {throughput(target{.limit = 0.9, .at_least = true}), latency_p50(), latency_p99(),
                 cpu_per_request(at_most(1.5))}),
    against_raw("concurrency 256", loop(256, 40'000), plain),
    against_raw("concurrency 1000", loop(1'000, 40'000),
                {throughput(), latency_p50(), latency_p99(at_most(1.5)), cpu_per_request()}),
  };
  auto two =
    against_raw("concurrency 1000, 2 transport threads", loop(1'000, 40'000),
                {throughput(target{.limit = 1, .at_least = true}), latency_p99(), cpu_per_request()});
  two.magna.transport_threads = 2;
  all.push_back(std::move(two));
  return run_rounds("request", how.rounds, all);
}

std::vector<row> bench_stream(const std::string& upstream, const effort& how) {
  const auto loop = [&](std::uint32_t in_flight, std::uint64_t requests) {
    return closed_loop(upstream, true, in_flight, scaled(requests, how, in_flight));
  };
  const auto rows = run_rounds(
    "stream", how.rounds,
    {against_raw("concurrency 1", loop(1, 3'000),
                 {chunk_rate(), ttft_p50(at_most(1.7)), latency_p99(), cpu_per_chunk()}),
     against_raw("concurrency 64", loop(64, 10'000),
                 {chunk_rate(), ttft_p50(), latency_p99(), cpu_per_chunk()}),
     against_raw("concurrency 1000", loop(1'000, 10'000),
                 {chunk_rate(), ttft_p50(), latency_p99(), cpu_per_chunk()}),
     against_raw("1000 streams, a token every 20 ms", endless(upstream, 1'000, 20'000, 4 * how.scale),
                 {chunk_rate(), ttft_p50(), cpu_per_chunk(at_most(1.3)), late_p50(),
                  late_p99(target{.limit = 5'000, .of_ratio = false})})});
  // The target is about what comes on top of libcurl's own, where a stream comes as fast as it can.
  const metric beyond{"cpu beyond raw, half a DOM", "us", {}, at_most(1)};
  std::vector<row> result;
  for (const auto& x : rows) {
    result.push_back(x);
    if (x.metric == "cpu per chunk" && x.name.starts_with("concurrency"))
      result.push_back(make_row(x.name, beyond, {x.magna - x.baseline}, {dom_time_of_chunk() / 2}));
  }
  return result;
}

std::vector<row> bench_idle_streams(const std::string& upstream, const effort& how) {
  std::vector<comparison> all;
  for (const std::uint32_t streams : {1'000U, 3'000U, 10'000U})
    all.push_back(
      against_raw(std::to_string(streams) + " streams", endless(upstream, streams, 1'000'000, 4 * how.scale),
                  {memory(), cpu_load(), late_p50(), late_p99(target{.limit = 5'000, .of_ratio = false})}));
  auto rows = run_rounds("idle_streams", how.rounds, all);
  // The target is about what comes on top of libcurl's own.
  std::vector<row> result;
  for (auto& x : rows) {
    result.push_back(x);
    if (x.metric != "memory per stream")
      continue;
    row beyond = x;
    beyond.metric = "memory beyond raw";
    beyond.magna -= x.baseline;
    beyond.magna_p99 -= x.baseline;
    beyond.baseline = beyond.baseline_p99 = beyond.ratio = 0;
    if (x.name.starts_with("10000"))
      beyond.goal = target{.limit = 12, .of_ratio = false};
    result.push_back(std::move(beyond));
  }
  return result;
}

std::vector<row> bench_scheduler(const std::string& upstream, const effort& how) {
  std::vector<comparison> all;
  const auto cores = std::max(std::thread::hardware_concurrency(), 2U);
  for (const auto* policy : {"sharing", "stealing"}) {
    for (const auto threads : {1U, cores, 2 * cores}) {
      auto what = closed_loop(upstream, false, 1, scaled(300, how));
      what.warm_up = 20;
      what.pause_us = 3'000;
      auto made = against_raw(std::string{policy} + ", " + std::to_string(threads) + " threads", what,
                              {latency_p50(), latency_p99(), cpu_per_request()});
      made.magna.scheduler = policy;
      made.magna.scheduler_threads = threads;
      all.push_back(std::move(made));
    }
  }
  return run_rounds("scheduler", how.rounds, all);
}

std::vector<row> bench_remote(const std::string& upstream, const effort& how) {
  std::vector<comparison> all;
  std::vector<std::unique_ptr<node_process>> nodes;
  const auto add = [&](std::string name, const load& what, std::vector<metric> metrics) {
    comparison made{.name = std::move(name), .baseline = what, .magna = what, .metrics = std::move(metrics)};
    made.magna.subject = "remote";
    nodes.push_back(std::make_unique<node_process>(what));
    made.magna.node = nodes.back()->address();
    all.push_back(std::move(made));
  };
  for (const std::uint32_t in_flight : {1U, 64U})
    add("concurrency " + std::to_string(in_flight),
        closed_loop(upstream, true, in_flight, scaled(in_flight == 1 ? 1'500 : 5'000, how, in_flight)),
        {chunk_rate(), ttft_p50(), latency_p50(), cpu_per_chunk()});
  add("300 streams, a token every 20 ms", endless(upstream, 300, 20'000, 3 * how.scale),
      {chunk_rate(), ttft_p50(), cpu_per_chunk(), late_p50(), late_p99()});
  return run_rounds("remote", how.rounds, all);
}

} // namespace magna::bench
