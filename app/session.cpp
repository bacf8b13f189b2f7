#include <magna/app/session.hpp>

namespace magna::app {

caf::actor_system_config& actor_host::configure(caf::actor_system_config& config, const tls_files* network) {
  magna::configure(config);
  if (network != nullptr)
    enable_network(config, *network);
  return config;
}

} // namespace magna::app
