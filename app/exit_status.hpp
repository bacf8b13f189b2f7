#pragma once

namespace magna::app {

/// What the executable ends with.
enum exit_status : int {
  exit_ok = 0,
  exit_failure = 1,
  /// The command line or the configuration is wrong; nothing was asked.
  exit_usage = 2,
  /// Ended by SIGINT or SIGTERM.
  exit_cancelled = 130,
};

} // namespace magna::app
