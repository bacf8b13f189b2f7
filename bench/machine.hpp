#pragma once

#include <vector>

#include <sys/types.h>

// The machine that the bench runs on: its cores, what they do, and what the bench may ask of it.

namespace magna::bench {

/// The cores that this process may use, in order. At least one.
std::vector<int> usable_cores();

/// Where the upstream runs, alone: the last core.
int upstream_core();

/// Where a process is measured that has one core: the first one, which is the upstream's only if there is no
/// other.
int measured_core();

/// From now on the calling thread, and every thread that it starts, runs on this core only.
void stay_on(int core);

/// Asks for more of the cores than other processes of the machine get, for this process and for those that it
/// starts from now on. Returns whether the system allows it.
bool raise_priority();

/// The system may share the cores between sessions first, and only then by priority. This gives a process a
/// session of its own with the priority of the process. It changes nothing where it is not allowed.
/// Async-signal-safe.
void raise_priority_of_session();

/// What a process has taken of the cores, all of its threads, user and system, in microseconds; 0: this
/// process.
double cpu_us_of(pid_t process);

/// What a core has done since the machine was started, in microseconds.
struct core_times {
  /// It worked, for whichever process.
  double busy = 0;
  /// It was ready to work, and the host gave its time to other machines.
  double stolen = 0;
};

/// By the number of the core.
std::vector<core_times> read_core_times();

} // namespace magna::bench
