#pragma once

#include <string>
#include <vector>

#include <magna/bench/rounds.hpp>
#include <magna/bench/runner.hpp>

namespace magna::bench {

/// One bench: what `./dev bench NAME` runs.
struct bench {
  std::string name;
  /// For people, in a line.
  std::string title;
  std::vector<row> (*run)(runner& on);
};

/// In the order in which they are run.
const std::vector<bench>& all_benches();

std::vector<row> bench_request(runner& on);
std::vector<row> bench_stream(runner& on);
std::vector<row> bench_idle_streams(runner& on);
std::vector<row> bench_beside(runner& on);
std::vector<row> bench_remote(runner& on);
std::vector<row> bench_growth(runner& on);
std::vector<row> bench_scheduler(runner& on);
std::vector<row> bench_parse(runner& on);

} // namespace magna::bench
