// magna against libcurl's multi interface alone: whole answers, streams, and streams that are open and idle.

#include <magna/bench/benches.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <magna/bench/machine.hpp>
#include <magna/bench/metrics.hpp>

namespace magna::bench {

namespace {

/// A way to ask magna: the name in tables, and of the load.
struct way {
  const char* who;
  const char* subject;
};

constexpr way actors{"actors", "actors"};
constexpr way coroutines{"client, coroutines", "coroutines"};
constexpr way threads{"client, threads", "threads"};

contender asked_by(const way& how, const load& what, std::vector<metric> metrics) {
  return {how.who, with_subject(what, how.subject), std::move(metrics)};
}

std::string at_a_time(std::uint32_t count) {
  return std::to_string(count) + " at a time";
}

/// libcurl alone and magna have a core each.
comparison one_core_each(std::string name, const load& what, std::vector<contender> contenders) {
  return {std::move(name), {with_subject(what, "raw")}, std::move(contenders)};
}

/// Both have all cores. libcurl uses one of them, or has a thread for each: what is faster counts.
comparison all_cores_each(const std::string& name, const load& what, std::vector<contender> contenders) {
  const auto count = static_cast<std::uint32_t>(usable_cores().size());
  comparison made{name + ", all cores", {on_all_cores(with_subject(what, "raw"))}, std::move(contenders)};
  made.names_of_baselines = {" (libcurl on 1 thread)"};
  if (count > 1 && what.in_flight > 1) {
    made.baselines.push_back(made.baselines.front());
    made.baselines.back().raw_threads = count;
    made.names_of_baselines.push_back(" (libcurl on " + std::to_string(count) + " threads)");
  }
  for (auto& x : made.contenders)
    x.what = on_all_cores(x.what);
  return made;
}

} // namespace

std::vector<row> bench_request(runner& on) {
  const auto loop = [&](std::uint32_t in_flight, std::uint64_t requests) {
    return closed_loop(on.url(), false, in_flight, on.scaled(requests, in_flight));
  };
  const std::vector<metric> plain{throughput(), latency_p50(), latency_p99(), cpu_per_request()};
  const std::vector<metric> one_by_client{throughput(), latency_p50(at_most(1.4)), latency_p99(),
                                          cpu_per_request()};
  std::vector<comparison> all;
  const auto one = loop(1, 8'000);
  all.push_back(one_core_each(at_a_time(1), one,
                              {asked_by(actors, one, plain), asked_by(coroutines, one, one_by_client),
                               asked_by(threads, one, one_by_client)}));
  const auto eight = loop(8, 20'000);
  all.push_back(
    one_core_each(at_a_time(8), eight, {asked_by(actors, eight, plain), asked_by(coroutines, eight, plain)}));
  const auto many = loop(64, 30'000);
  all.push_back(one_core_each(
    at_a_time(64), many,
    {asked_by(actors, many,
              {throughput(at_least(0.75)), latency_p50(), latency_p99(), cpu_per_request(at_most(1.35))}),
     asked_by(coroutines, many, {throughput(), latency_p50(), latency_p99(), cpu_per_request(at_most(1.7))}),
     asked_by(threads, many, plain)}));
  for (const std::uint32_t in_flight : {256U, 1'000U}) {
    const auto what = loop(in_flight, 30'000);
    all.push_back(one_core_each(at_a_time(in_flight), what,
                                {asked_by(actors, what, plain), asked_by(coroutines, what, plain)}));
  }
  for (const auto& what : {one, many, loop(1'000, 30'000)})
    all.push_back(all_cores_each(at_a_time(what.in_flight), what,
                                 {asked_by(actors, what, plain), asked_by(coroutines, what, plain)}));
  return run_rounds(on, "request", all);
}

std::vector<row> bench_stream(runner& on) {
  const std::vector<metric> plain{chunk_rate(), ttft_p50(), latency_p99(), cpu_per_chunk()};
  const std::vector<metric> burst{chunk_rate(), ttft_p50(), latency_p99(), cpu_per_chunk(at_most(2))};
  const auto paced = [](std::optional<target> cpu, std::optional<target> delay) {
    return std::vector<metric>{chunk_rate(), cpu_per_chunk(cpu), delay_p50(), delay_p99(delay)};
  };
  std::vector<comparison> all;
  for (const std::uint32_t in_flight : {1U, 64U, 1'000U}) {
    const auto what =
      closed_loop(on.url(), true, in_flight, on.scaled(in_flight == 1 ? 3'000 : 10'000, in_flight));
    std::vector<contender> contenders{asked_by(actors, what, burst), asked_by(coroutines, what, burst)};
    if (in_flight == 64)
      contenders.push_back(asked_by(threads, what, plain));
    all.push_back(one_core_each(at_a_time(in_flight), what, contenders));
    if (in_flight == 64)
      all.push_back(all_cores_each(at_a_time(in_flight), what,
                                   {asked_by(actors, what, plain), asked_by(coroutines, what, plain)}));
  }
  const auto tokens = endless(on.url(), 1'000, 20'000, on.scaled_seconds(4));
  const std::string name = "1000, a token every 20 ms";
  all.push_back(one_core_each(name, tokens,
                              {asked_by(actors, tokens, paced(at_most(1.5), itself_at_most(2'000))),
                               asked_by(coroutines, tokens, paced(at_most(1.7), itself_at_most(2'000))),
                               asked_by(threads, tokens, paced({}, {}))}));
  auto on_all = all_cores_each(
    name, tokens, {asked_by(actors, tokens, paced({}, {})), asked_by(coroutines, tokens, paced({}, {}))});
  // Neither is faster, as the upstream sets the pace.
  on_all.baselines.resize(1);
  all.push_back(std::move(on_all));
  return run_rounds(on, "stream", all);
}

std::vector<row> bench_idle_streams(runner& on) {
  const metric memory{"memory per stream", "KiB",
                      [](const figures& x, const load&) { return x.kib_per_stream; }};
  const metric cpu_load{"cpu", "% of a core",
                        [](const figures& x, const load&) { return x.cpu_us / x.seconds / 1e4; }};
  std::vector<comparison> all;
  for (const std::uint32_t most : {1'000U, 3'000U, 10'000U}) {
    const auto streams = on.scaled_down(most);
    const auto what = endless(on.url(), streams, on.scaled_us(1'000'000), on.scaled_seconds(4));
    const std::vector<metric> metrics{memory, cpu_load, delay_p50(), delay_p99(itself_at_most(5'000))};
    all.push_back(one_core_each(std::to_string(streams) + " streams", what,
                                {asked_by(actors, what, metrics), asked_by(coroutines, what, metrics)}));
  }
  // The target is about what comes on top of libcurl's own.
  std::vector<row> result;
  for (const auto& x : run_rounds(on, "idle_streams", all)) {
    result.push_back(x);
    if (x.metric != memory.name)
      continue;
    auto beyond = x;
    beyond.metric = "memory beyond libcurl";
    beyond.magna -= x.baseline;
    beyond.magna_worst -= x.baseline;
    beyond.baseline = beyond.baseline_worst = beyond.ratio = 0;
    if (x.name.starts_with("10000"))
      beyond.goal = itself_at_most(10);
    result.push_back(std::move(beyond));
  }
  return result;
}

} // namespace magna::bench
