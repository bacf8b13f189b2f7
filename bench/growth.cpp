// What grows with the load: the transport's connections, requests in flight, providers, chunks, long texts.
// The baseline of a row is the smaller load, or libcurl alone under the same.

#include <magna/bench/benches.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <magna/bench/metrics.hpp>

namespace magna::bench {

namespace {

/// Magna's own part: over a transport that has the answers at hand.
load own(bool stream, std::uint32_t in_flight, std::uint64_t requests) {
  load made;
  made.subject = "canned";
  made.url = "http://127.0.0.1:9";
  made.stream = stream;
  made.in_flight = in_flight;
  made.requests = requests;
  made.warm_up = std::max<std::uint64_t>(2 * in_flight, 16);
  return made;
}

constexpr target flat{.limit = 1.15};

/// What one more chunk costs, between streams of few and of many; the stream itself is taken out.
row marginal(const std::string& name, const std::vector<std::vector<double>>& cost,
             const std::vector<std::uint32_t>& chunks, std::size_t to) {
  const auto between = [&](std::size_t a, std::size_t b) {
    std::vector<double> result;
    for (std::size_t i = 0; i < cost[a].size(); ++i)
      result.push_back((cost[b][i] - cost[a][i]) / (chunks[b] - chunks[a]));
    return result;
  };
  return make_row(name, {"own cpu per further chunk", "us", {}, flat}, between(to - 1, to), between(0, 1));
}

} // namespace

std::vector<row> bench_growth(const std::string& upstream, const effort& how) {
  std::vector<comparison> all;
  // The transport.
  for (const std::uint32_t in_flight : {64U, 1'000U, 5'000U}) {
    load what;
    what.url = upstream;
    what.in_flight = in_flight;
    what.requests = scaled(30'000, how);
    what.warm_up = 2 * in_flight;
    comparison made{.name = std::to_string(in_flight) + " connections, transport alone and libcurl",
                    .baseline = what,
                    .magna = what,
                    .metrics = {cpu_per_request(),
                                throughput(target{.limit = in_flight == 64 ? 0.9 : 1, .at_least = true})}};
    made.baseline.subject = "raw";
    made.magna.subject = "transport";
    all.push_back(std::move(made));
  }
  // Requests in flight, and providers.
  const auto few = own(false, 64, scaled(40'000, how));
  for (const std::uint32_t in_flight : {1'000U, 5'000U})
    all.push_back({std::to_string(in_flight) + " in flight, and 64",
                   few,
                   own(false, in_flight, scaled(40'000, how)),
                   {{"own cpu per request", "us", cpu_us_per_request, flat}}});
  auto many_providers = few;
  many_providers.providers = 20;
  all.push_back(
    {"20 providers, and 1", few, many_providers, {{"own cpu per request", "us", cpu_us_per_request, flat}}});
  // One long text.
  auto megabyte = own(false, 1, scaled(100, how));
  megabyte.answer_bytes = 1'000'000;
  auto ten = own(false, 1, scaled(20, how));
  ten.answer_bytes = 10'000'000;
  all.push_back({"an answer of 10 MB in one line, and 1 MB",
                 megabyte,
                 ten,
                 {{"own cpu per MB", "us",
                   [](const figures& x, const load& what) {
                     return cpu_us_per_request(x, what) / (static_cast<double>(what.answer_bytes) / 1e6);
                   },
                   target{.limit = 1.5}}}});
  auto short_talk = own(false, 1, scaled(200, how));
  short_talk.messages = 1'000;
  auto long_talk = own(false, 1, scaled(40, how));
  long_talk.messages = 10'000;
  all.push_back(
    {"a conversation of 10,000 messages, and 1,000",
     short_talk,
     long_talk,
     {{"own cpu per message", "us",
       [](const figures& x, const load& what) { return cpu_us_per_request(x, what) / what.messages; },
       target{.limit = 1.5}}}});
  auto result = run_rounds("growth", how.rounds, all);

  // Chunks: three differences of four lengths.
  const std::vector<std::uint32_t> chunks{10, 100, 1'000, 10'000};
  std::vector<std::vector<double>> cost(chunks.size());
  for (int round = 1; round <= how.rounds; ++round) {
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      show_progress("growth: round " + std::to_string(round) + " of " + std::to_string(how.rounds)
                    + ", streams of " + std::to_string(chunks[i]) + " chunks");
      auto what = own(true, 16, scaled(std::max<std::uint64_t>(300'000 / chunks[i], 100), how));
      what.chunks = chunks[i];
      cost[i].push_back(cpu_us_per_request(run_in_process(what), what));
    }
  }
  end_progress();
  result.push_back(marginal("streams of 100 to 1,000 chunks, and 10 to 100", cost, chunks, 2));
  result.push_back(marginal("streams of 1,000 to 10,000 chunks, and 10 to 100", cost, chunks, 3));
  return result;
}

} // namespace magna::bench
