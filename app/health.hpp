#pragma once

#include <magna/config/load.hpp>
#include <magna/node/network.hpp>

namespace magna::app {

struct health_options {
  config::sources sources;
  bool json = false;
  /// For providers on other nodes.
  tls_files tls;
};

/// `magna health`: probes every configured provider and prints what it found. Returns the exit status: 0 if
/// any provider is usable. Throws config_error.
int run_health(const health_options& options);

} // namespace magna::app
