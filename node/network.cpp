#include <magna/node/network.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/typed_actor.hpp>

#include <magna/messages/error_text.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/caf/gate.hpp>
#include <magna/node/caf/plain_middleman.hpp>
#include <magna/node/caf/tls_middleman.hpp>

namespace magna {

namespace {

using namespace std::chrono_literals;

/// Grows with every change of a message that an older node would misread. New fields, enumerators and
/// messages are none.
constexpr const char* wire_version = "magna-4";
/// What makes an actor a node. Of the rest an older one may have less: it refuses what it does not know.
using any_node = caf::typed_actor<caf::result<node_status>(get_node_status)>;
/// How soon a stop is noticed.
constexpr caf::timespan slice = 200ms;

} // namespace

bool needs_network(const settings& config) {
  return std::ranges::any_of(config.providers, [](const provider_settings& x) { return !x.node.empty(); });
}

void enable_network(caf::actor_system_config& config, const tls_files& tls) {
  static std::once_flag announced;
  std::call_once(announced, [] { caf::io::middleman::init_global_meta_objects(); });
  if (tls.enabled())
    load_tls_middleman(config);
  else
    load_plain_middleman(config);
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

caf::expected<node_actor> connect(caf::actor_system& sys, const node_address& where,
                                  const std::stop_token& stop) {
  // As CAF's `remote_actor`, which can't be told to stop.
  const auto wanted = sys.message_types<any_node>();
  caf::scoped_actor self{sys, true};
  caf::expected<node_actor> result{caf::sec::request_timeout};
  while (!result && result.error() == caf::sec::request_timeout && !stop.stop_requested())
    blocking_request(self, sys.middleman().actor_handle(), slice, caf::connect_atom_v, where.host, where.port)
      .receive(
        [&](const caf::node_id&, const caf::strong_actor_ptr& found, const std::set<std::string>& types) {
          if (!found)
            result = caf::make_error(caf::sec::no_actor_published_at_port, where.port);
          else if (!sys.assignable(types, wanted))
            result = caf::make_error(caf::sec::unexpected_actor_messaging_interface, wanted, types);
          else
            result = caf::actor_cast<node_actor>(found);
        },
        // Asked again, CAF goes on with the same connection.
        [&result](const caf::error& reason) { result = reason; });
  return result;
}

std::string explain_network_error(const caf::error& reason, const node_address& where, const tls_files& tls) {
  const auto node = to_string(where);
  if (reason == caf::sec::incompatible_application_ids)
    return node + " speaks another version of magna's messages (here: " + wire_version + ")";
  if (reason == caf::sec::unexpected_actor_messaging_interface)
    return node + " is a CAF node, but not one of magna's, or of another version";
  const auto hint = tls.enabled() ? "does it listen there, with TLS and a certificate of the same authority?"
                                  : "does it listen there, and without TLS?";
  return "no connection to node " + node + ": " + error_text(reason) + "; " + hint;
}

} // namespace magna
