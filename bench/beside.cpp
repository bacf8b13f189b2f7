// What one request costs while other streams of the same client, or of the same actor, are open and silent.
// The baseline is the same request alone. Over a transport that has the answers at hand: no descriptor is
// needed.

#include <magna/bench/benches.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <magna/bench/metrics.hpp>

namespace magna::bench {

std::vector<row> bench_beside(runner& on) {
  load alone;
  alone.canned = true;
  alone.url = "http://127.0.0.1:9";
  alone.requests = on.scaled(3'000);
  alone.warm_up = 100;
  std::vector<comparison> all;
  for (const auto& [who, subject] :
       {std::pair{"one actor", "actors"}, std::pair{"client, threads", "threads"}}) {
    const auto base = with_subject(alone, subject);
    for (const std::uint32_t streams : {1'000U, 4'000U, 16'000U}) {
      const auto count = on.scaled_down(streams);
      auto what = base;
      what.beside = count;
      const auto goal = streams == 16'000 ? std::optional{at_most(1.2)} : std::nullopt;
      const metric time{
        "time per request", "us",
        [](const figures& x, const load&) { return x.seconds * 1e6 / static_cast<double>(x.requests); },
        goal};
      all.push_back({"beside " + std::to_string(count) + " streams, and alone",
                     {base},
                     {{who, what, {time, cpu_per_request()}}}});
    }
  }
  return run_rounds(on, "beside", all);
}

} // namespace magna::bench
