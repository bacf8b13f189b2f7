#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <magna/tests/soak/ledger.hpp>
#include <magna/tests/soak/simulator_process.hpp>

namespace magna::soak {

struct soak_options {
  std::chrono::seconds duration{60};
  std::uint64_t seed = 1;
  /// Requests per second.
  double rate = 500;
};

/// One thing that must hold.
struct verdict {
  std::string what;
  bool holds = false;
  std::string figures;
};

struct soak_result {
  soak_options asked;
  totals requests;
  /// Requests per second in fact.
  double mean_rate = 0;
  /// The lowest rate that the run fell back to.
  double lowest_rate = 0;
  std::size_t most_in_flight = 0;
  std::uint64_t kills = 0;
  std::uint64_t reloads = 0;
  std::uint64_t crashes = 0;
  /// Bytes; 0 where the run is too short to tell.
  std::size_t memory_first = 0;
  std::size_t memory_last = 0;
  std::vector<verdict> verdicts;

  bool passed() const;
};

/// Runs the whole soak; prints progress and verdicts to stdout.
soak_result run_soak(const soak_options& options, simulator_process& simulator);

/// The result as JSON, and as a block of Markdown.
std::string to_json(const soak_result& result);
std::string to_markdown(const soak_result& result);

} // namespace magna::soak
