#pragma once

#include <magna/config/load.hpp>

namespace magna::app {

struct demo_options {
  config::sources sources;
  /// With the configured providers; otherwise the simulator plays three.
  bool live = false;
};

/// `magna demo`: shows, step by step, what magna does when providers fail. Returns the exit status: 1 when a
/// step did not go as it should, 130 after a SIGINT or SIGTERM, which ends it at once. Throws config_error
/// (only when live).
int run_demo(const demo_options& options);

} // namespace magna::app
