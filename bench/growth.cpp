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
  made.canned = true;
  made.url = "http://127.0.0.1:9";
  made.stream = stream;
  made.in_flight = in_flight;
  made.requests = requests;
  made.warm_up = std::max<std::uint64_t>(2 * in_flight, 16);
  return made;
}

constexpr auto flat = at_most(1.15);
constexpr auto own_cost = "actors, canned answers";

/// What one more chunk costs, between streams of few and of many; the stream itself is taken out.
row marginal(const std::string& name, const std::vector<std::vector<double>>& cost,
             const std::vector<std::uint32_t>& chunks, std::size_t to) {
  const auto between = [&](std::size_t a, std::size_t b) {
    std::vector<double> result;
    for (std::size_t i = 0; i < cost[a].size(); ++i)
      result.push_back((cost[b][i] - cost[a][i]) / (chunks[b] - chunks[a]));
    return result;
  };
  return make_row(name, own_cost, {"own cpu per further chunk", "us", {}, flat}, between(to - 1, to),
                  between(0, 1));
}

} // namespace

std::vector<row> bench_growth(runner& on) {
  std::vector<comparison> all;
  const auto compare = [&](std::string name, const load& few, const load& many, metric what) {
    all.push_back({std::move(name), {few}, {{own_cost, many, {std::move(what)}}}});
  };
  // The transport.
  for (const std::uint32_t most : {64U, 1'000U, 5'000U}) {
    const auto in_flight = most == 64 ? most : on.scaled_down(most);
    load what;
    what.url = on.url();
    what.in_flight = in_flight;
    what.requests = on.scaled(30'000);
    what.warm_up = std::uint64_t{2} * in_flight;
    all.push_back({std::to_string(in_flight) + " connections, and libcurl",
                   {with_subject(what, "raw")},
                   {{"transport alone",
                     with_subject(what, "transport"),
                     {throughput(at_least(most == 64 ? 0.9 : 1)), cpu_per_request()}}}});
  }
  // Requests in flight, and providers.
  const metric of_request{"own cpu per request", "us", cpu_us_per_request, flat};
  const auto few = own(false, 64, on.scaled(40'000));
  for (const auto in_flight : {on.scaled_down(1'000), on.scaled_down(5'000)})
    compare(std::to_string(in_flight) + " in flight, and 64", few, own(false, in_flight, on.scaled(40'000)),
            of_request);
  auto many_providers = few;
  many_providers.providers = 20;
  compare("20 providers, and 1", few, many_providers, of_request);
  // One long text.
  auto megabyte = own(false, 1, on.scaled(100));
  megabyte.answer_bytes = 1'000'000;
  auto ten = own(false, 1, on.scaled(20));
  ten.answer_bytes = 10'000'000;
  compare("an answer of 10 MB in one line, and 1 MB", megabyte, ten,
          {"own cpu per MB", "us",
           [](const figures& x, const load& what) {
             return cpu_us_per_request(x, what) / (static_cast<double>(what.answer_bytes) / 1e6);
           },
           at_most(1.5)});
  auto short_talk = own(false, 1, on.scaled(200));
  short_talk.messages = 1'000;
  auto long_talk = own(false, 1, on.scaled(40));
  long_talk.messages = 10'000;
  compare("a conversation of 10,000 messages, and 1,000", short_talk, long_talk,
          {"own cpu per message", "us",
           [](const figures& x, const load& what) { return cpu_us_per_request(x, what) / what.messages; },
           at_most(1.5)});
  auto result = run_rounds(on, "growth", all);

  // Chunks: three differences of four lengths.
  const std::vector<std::uint32_t> chunks{10, 100, 1'000, 10'000};
  std::vector<std::vector<double>> cost(chunks.size());
  std::size_t disturbed = 0;
  const auto rounds = on.how().rounds;
  for (int round = 1; round <= rounds; ++round) {
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      show_progress("growth: round " + std::to_string(round) + " of " + std::to_string(rounds)
                    + ", streams of " + std::to_string(chunks[i]) + " chunks");
      auto what = own(true, 16, on.scaled(std::max<std::uint64_t>(300'000 / chunks[i], 100)));
      what.chunks = chunks[i];
      const auto ran = on.run(what);
      cost[i].push_back(cpu_us_per_request(ran.got, what));
      disturbed += ran.others.is_too_much() ? 1U : 0U;
    }
  }
  end_progress();
  for (const auto& [name, to] :
       {std::pair{"streams of 100 to 1,000 chunks, and 10 to 100", std::size_t{2}},
        std::pair{"streams of 1,000 to 10,000 chunks, and 10 to 100", std::size_t{3}}}) {
    result.push_back(marginal(name, cost, chunks, to));
    result.back().disturbed = 2 * disturbed >= cost.size() * cost.front().size();
  }
  return result;
}

} // namespace magna::bench
