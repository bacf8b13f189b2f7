#pragma once

#include <string>
#include <vector>

#include <magna/config/load.hpp>
#include <magna/node/network.hpp>

namespace magna::app {

struct node_options {
  config::sources sources;
  std::string listen = "127.0.0.1:4711";
  tls_files tls;
  /// How the node calls itself; empty: the host's name and the port.
  std::string name;
  /// HOST:PORT of the nodes to share health with.
  std::vector<std::string> peers;
};

/// Serves requests of other nodes until SIGTERM or SIGINT, then lets the running ones end; SIGHUP reads the
/// configuration again. Throws config_error.
int run_node(const node_options& options);

} // namespace magna::app
