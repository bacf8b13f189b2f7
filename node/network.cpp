#include <magna/node/network.hpp>

#include <chrono>
#include <mutex>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/sec.hpp>

#include <magna/messages/types.hpp>
#include <magna/node/error_text.hpp>
#include <magna/node/gate.hpp>
#include <magna/node/introduction.hpp>
#include <magna/node/reach.hpp>

namespace magna {

namespace {

using namespace std::chrono_literals;

/// Grows with every change of a message that an older node would misread.
constexpr const char* wire_version = "magna-2";

/// How long a host may take to answer. A lost packet is sent again after a second; a new try is as good, and
/// the sooner it comes after a cut cable is mended the better.
constexpr auto reach_patience = 1s;
/// How long a node may take to introduce itself.
constexpr auto introduction_patience = 3s;

/// What went wrong with a node, in words that say what to do.
std::string explain(const caf::error& reason, const node_address& where, const tls_files& tls) {
  const auto node = to_string(where);
  if (reason == caf::sec::incompatible_application_ids)
    return node + " speaks another version of magna's messages (here: " + wire_version + ")";
  if (reason == caf::sec::unexpected_actor_messaging_interface)
    return node + " is a CAF node, but not one of magna's, or of another version";
  const auto hint = tls.enabled() ? "does it listen there, with TLS and a certificate of the same authority?"
                                  : "does it listen there, and without TLS?";
  return "no connection to node " + node + " (" + error_text(reason) + "); " + hint;
}

} // namespace

void enable_network(caf::actor_system_config& config, const tls_files& tls) {
  static std::once_flag announced;
  std::call_once(announced, [] { caf::io::middleman::init_global_meta_objects(); });
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

caf::expected<node_actor> connect(caf::actor_system& sys, const node_address& where, const tls_files& tls,
                                  const std::stop_token& stop) {
  // CAF gives up an introduction that is under way when a heartbeat is due, however young it is.
  const auto end = std::chrono::steady_clock::now() + introduction_patience;
  for (;;) {
    const auto socket = reach(where, reach_patience, stop);
    if (!socket)
      return socket.error();
    auto found = introduce(sys, *socket, where, tls.enabled());
    if (found)
      return found;
    if (found.error() != caf::sec::connection_timeout || std::chrono::steady_clock::now() >= end
        || stop.stop_requested())
      return caf::make_error(errc::node_lost, explain(found.error(), where, tls));
  }
}

} // namespace magna
