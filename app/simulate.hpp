#pragma once

#include <cstdint>
#include <string>

namespace magna::app {

struct simulate_options {
  /// 0: the system picks one.
  std::uint16_t port = 0;
  /// A TOML file; empty: none.
  std::string scenario_file;
  /// A scenario as text; empty: none.
  std::string steps;
};

/// `magna simulate`: runs the simulator until SIGINT or SIGTERM. Returns the exit status. Throws
/// scenario_error, and std::runtime_error when the port is taken.
int run_simulate(const simulate_options& options);

} // namespace magna::app
