#pragma once

#include <cstdint>
#include <string>

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/node_address.hpp>

/// How nodes find each other: CAF's middleman, with TLS where certificates are given.
namespace magna {

/// Files in PEM: all three, or none. Both sides of a connection must show a certificate that the authority
/// signed.
struct tls_files {
  std::string certificate;
  std::string key;
  std::string authority;

  bool enabled() const noexcept { return !certificate.empty(); }
};

/// Prepares a configuration for an actor system that listens or connects. Nodes that are silent for 2.1 s
/// count as lost, noticed within 3 s; strangers, and nodes whose messages are of another version, are refused
/// at the handshake.
void enable_network(caf::actor_system_config& config, const tls_files& tls);

/// Lets other nodes in. Returns the port, which the system has chosen if the address says 0.
caf::expected<std::uint16_t> listen(caf::actor_system& sys, const node_actor& whom, const node_address& where,
                                    const tls_files& tls);

/// Connects to a node. Blocks until it has answered or refused.
caf::expected<node_actor> connect(caf::actor_system& sys, const node_address& where, const tls_files& tls);

/// What went wrong with a node, in words that say what to do.
std::string explain_network_error(const caf::error& reason, const node_address& where, const tls_files& tls);

} // namespace magna
