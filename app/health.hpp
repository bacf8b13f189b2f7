#pragma once

#include <magna/config/load.hpp>

namespace magna::app {

struct health_options {
  config::sources sources;
  bool json = false;
};

/// `magna health`: probes every configured provider and prints what it found. Returns the exit status: 0 if
/// any provider is usable. Throws config_error.
int run_health(const health_options& options);

} // namespace magna::app
