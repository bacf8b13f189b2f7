#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <magna/bench/load.hpp>

namespace magna::bench {

/// What a figure may be at most or must be at least; of the ratio, or of magna's own value.
struct target {
  double limit = 0;
  bool at_least = false;
  bool of_ratio = true;
};

/// A line of a bench's table. Every value is the median of the rounds; `..._p99` is the 99th percentile,
/// which of so few is the worst.
struct row {
  std::string name;
  std::string metric;
  std::string unit;
  double magna = 0;
  double magna_p99 = 0;
  double baseline = 0;
  double baseline_p99 = 0;
  double ratio = 0;
  std::optional<target> goal;

  bool met() const noexcept;
};

/// A figure of a run.
struct metric {
  std::string name;
  std::string unit;
  std::function<double(const figures&, const load&)> of;
  std::optional<target> goal = {};
  /// More is better: the p99 is the lowest then.
  bool more_is_better = false;
};

/// Two loads that are compared.
struct comparison {
  std::string name;
  load baseline;
  load magna;
  std::vector<metric> metrics;
};

/// Runs each comparison once per round, in turns, each run in a process of its own, and says so on stderr.
/// Leaves out what the limit of open files is too low for, and says that too. Throws std::runtime_error if a
/// run fails or loses a request.
std::vector<row> run_rounds(const std::string& bench, int rounds, std::vector<comparison> all);

/// The row of values that were measured once per round.
row make_row(std::string name, const metric& what, const std::vector<double>& magna,
             const std::vector<double>& baseline);

/// Runs a load in a process of its own.
figures run_in_process(const load& what);

/// Says how far a bench is, on stderr: in place on a terminal.
void show_progress(const std::string& text);
void end_progress();

} // namespace magna::bench
