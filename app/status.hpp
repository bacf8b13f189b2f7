#pragma once

#include <chrono>
#include <string>

#include <magna/node/network.hpp>

namespace magna::app {

struct status_options {
  /// HOST:PORT of the nodes, separated by commas.
  std::string nodes = "127.0.0.1:4711";
  tls_files tls;
  bool json = false;
  /// Again and again until Ctrl-C, in place on a terminal.
  bool watch = false;
  std::chrono::milliseconds interval{1'000};
};

/// `magna status`: how nodes, their providers and their peers are. Returns the exit status: 0 if every node
/// has answered. Throws config_error.
int run_status(const status_options& options);

struct drain_options {
  std::string nodes = "127.0.0.1:4711";
  tls_files tls;
  /// How long running requests may go on.
  double seconds = 30;
};

/// `magna drain`: nodes take no new requests, let the running ones end, and exit. Returns the exit status: 0
/// if every node has drained without cancelling a request. Throws config_error.
int run_drain(const drain_options& options);

} // namespace magna::app
