#pragma once

#include <string>

#include <magna/config/load.hpp>
#include <magna/node/network.hpp>

namespace magna::app {

struct node_options {
  config::sources sources;
  std::string listen = "127.0.0.1:4711";
  tls_files tls;
};

/// Serves requests of other nodes until SIGTERM or SIGINT, then lets the running ones end; SIGHUP reads the
/// configuration again. Throws config_error.
int run_node(const node_options& options);

} // namespace magna::app
