#include <magna/node/network.hpp>

#include <chrono>
#include <mutex>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/remote_actor.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/sec.hpp>

#include <magna/messages/types.hpp>
#include <magna/node/caf/gate.hpp>
#include <magna/node/caf/tls_middleman.hpp>
#include <magna/node/error_text.hpp>

namespace magna {

namespace {

using namespace std::chrono_literals;

/// Grows with every change of a message that an older node would misread.
constexpr const char* wire_version = "magna-3";

} // namespace

void enable_network(caf::actor_system_config& config, const tls_files& tls) {
  static std::once_flag announced;
  std::call_once(announced, [] { caf::io::middleman::init_global_meta_objects(); });
  if (tls.enabled())
    load_tls_middleman(config);
  else
    config.load<caf::io::middleman>();
  config.set("caf.middleman.app-identifiers", std::vector<std::string>{wire_version});
  config.set("caf.middleman.heartbeat-interval", caf::timespan{800ms});
  config.set("caf.middleman.connection-timeout", caf::timespan{2100ms});
  if (!tls.enabled())
    return;
  config.load<caf::openssl::manager>();
  config.set("caf.openssl.certificate", tls.certificate);
  config.set("caf.openssl.key", tls.key);
  config.set("caf.openssl.cafile", tls.authority);
}

caf::expected<std::uint16_t> listen(caf::actor_system& sys, const node_actor& whom, const node_address& where,
                                    const tls_files& tls) {
  return open_gate(sys, whom, where, tls.enabled());
}

caf::expected<node_actor> connect(caf::actor_system& sys, const node_address& where) {
  return sys.middleman().remote_actor<node_actor>(where.host, where.port);
}

std::string explain_network_error(const caf::error& reason, const node_address& where, const tls_files& tls) {
  const auto node = to_string(where);
  if (reason == caf::sec::incompatible_application_ids)
    return node + " speaks another version of magna's messages (here: " + wire_version + ")";
  if (reason == caf::sec::unexpected_actor_messaging_interface)
    return node + " is a CAF node, but not one of magna's, or of another version";
  const auto hint = tls.enabled() ? "does it listen there, with TLS and a certificate of the same authority?"
                                  : "does it listen there, and without TLS?";
  return "no connection to node " + node + " (" + error_text(reason) + "); " + hint;
}

} // namespace magna
