#include <magna/app/session.hpp>

#include <algorithm>

namespace magna::app {

caf::actor_system_config& actor_host::configure(caf::actor_system_config& config, const tls_files* network) {
  magna::configure(config);
  if (network != nullptr)
    enable_network(config, *network);
  return config;
}

bool session::needs_network(const settings& config) {
  return std::ranges::any_of(config.providers, [](const provider_settings& x) { return !x.node.empty(); });
}

} // namespace magna::app
