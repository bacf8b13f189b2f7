#pragma once

#include <string>
#include <vector>

#include <magna/bench/rounds.hpp>

namespace magna::bench {

/// How thoroughly a bench is run.
struct effort {
  int rounds = 5;
  /// Of the usual number of requests and seconds.
  double scale = 1;
};

/// One bench: what `./dev bench NAME` runs.
struct bench {
  std::string name;
  /// For people, in a line.
  std::string title;
  std::vector<row> (*run)(const std::string& upstream, const effort& how);
};

/// In the order in which they are run.
const std::vector<bench>& all_benches();

/// What nlohmann's DOM takes to parse one chunk of a stream, in microseconds.
double dom_time_of_chunk();

std::vector<row> bench_request(const std::string& upstream, const effort& how);
std::vector<row> bench_stream(const std::string& upstream, const effort& how);
std::vector<row> bench_idle_streams(const std::string& upstream, const effort& how);
std::vector<row> bench_scheduler(const std::string& upstream, const effort& how);
std::vector<row> bench_parse(const std::string& upstream, const effort& how);
std::vector<row> bench_remote(const std::string& upstream, const effort& how);
std::vector<row> bench_growth(const std::string& upstream, const effort& how);

} // namespace magna::bench
