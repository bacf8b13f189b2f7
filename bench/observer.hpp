#pragma once

#include <chrono>
#include <vector>

#include <sys/types.h>

#include <magna/bench/machine.hpp>

namespace magna::bench {

/// What was not the bench's own while a run was measured, as shares of a core's time.
struct disturbance {
  /// Work of other processes, on the cores that matter to the run. Where these are the upstream's and another
  /// one: on the one that had more of it.
  double other = 0;
  /// What the host took away.
  double stolen = 0;

  /// More of either than leaves a run worth much.
  bool is_too_much() const noexcept;
};

/// Watches the machine while a run is measured. The system counts a core's work by samples: of a run that
/// takes a second, a few hundredths are chance.
class observer {
public:
  /// Which cores matter.
  enum class scope { measured_core, both_cores, all_cores };

  /// Begins. `on_measured_core` are processes, beside the worker, that share its core and go on after the
  /// run.
  observer(scope cores, pid_t upstream, std::vector<pid_t> on_measured_core);

  /// What has happened since then, when the worker has ended, which took so much itself.
  disturbance stop(double worker_cpu_us) const;

private:
  struct moment {
    std::chrono::steady_clock::time_point now;
    std::vector<core_times> cores;
    double upstream_cpu_us = 0;
    double other_own_cpu_us = 0;
  };

  moment look() const;

  scope cores_;
  pid_t upstream_;
  std::vector<pid_t> own_;
  moment began_;
};

} // namespace magna::bench
