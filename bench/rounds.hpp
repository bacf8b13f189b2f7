#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <magna/bench/load.hpp>
#include <magna/bench/runner.hpp>

namespace magna::bench {

/// What a figure may be at most or must be at least; of the ratio, or of magna's own value.
struct target {
  double limit = 0;
  bool at_least = false;
  bool of_ratio = true;
};

/// A line of a bench's table. Every value is the median of the rounds, and beside it the worst of them.
struct row {
  std::string name;
  /// What was measured: "actors", for instance.
  std::string who;
  std::string metric;
  std::string unit;
  double magna = 0;
  double magna_worst = 0;
  double baseline = 0;
  double baseline_worst = 0;
  double ratio = 0;
  std::optional<target> goal = {};
  /// Others disturbed at least half of the runs that it is made of.
  bool disturbed = false;

  bool met() const noexcept;
};

/// A figure of a run.
struct metric {
  std::string name;
  std::string unit;
  std::function<double(const figures&, const load&)> of;
  std::optional<target> goal = {};
  /// More is better: the worst is the lowest then.
  bool more_is_better = false;
};

/// A load that is compared with the baseline of its comparison.
struct contender {
  std::string who;
  load what;
  std::vector<metric> metrics;
};

struct comparison {
  std::string name;
  /// Of several, the one counts that is best by the first metric of the first contender. At least one.
  std::vector<load> baselines;
  std::vector<contender> contenders;
  /// Added to the name if the baseline of this index is the one that counts. Fewer than baselines: nothing
  /// is.
  std::vector<std::string> names_of_baselines = {};
};

/// Runs the loads of each comparison once per round, in turns, and says so on stderr. Leaves out what the
/// limit of open files is too low for, and says that too. Throws std::runtime_error if a run fails or loses a
/// request.
std::vector<row> run_rounds(runner& on, const std::string& bench, std::vector<comparison> all);

/// The row of values that were measured once per round.
row make_row(std::string name, std::string who, const metric& what, const std::vector<double>& magna,
             const std::vector<double>& baseline);

} // namespace magna::bench
