#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include <caf/expected.hpp>
#include <caf/fwd.hpp>

#include <magna/actors/providers/provider_spawner.hpp>
#include <magna/actors/settings.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/node_address.hpp>

/// How nodes find each other: CAF's middleman, with TLS where certificates are given.
namespace magna {

/// Files in PEM: all three, or none. Both sides of a connection must show a certificate that the authority
/// signed.
struct tls_files {
  /// What this side shows.
  std::string certificate;
  /// Its private key.
  std::string key;
  /// Must have signed what the other side shows.
  std::string authority;

  /// Whether TLS is used.
  bool enabled() const noexcept { return !certificate.empty(); }
};

/// Prepares a configuration for an actor system that listens or connects. Nodes that are silent for 2.1 s
/// count as lost, noticed within 3 s; strangers, and nodes whose messages are of another version, are refused
/// at the handshake.
MAGNA_EXPORT void enable_network(caf::actor_system_config& config, const tls_files& tls);

/// Whether an actor system for these settings must be prepared by `enable_network`: a provider is on another node.
MAGNA_EXPORT bool needs_network(const settings& config);

/// Lets other nodes in. Returns the port, which the system has chosen if the address says 0.
MAGNA_EXPORT caf::expected<std::uint16_t> listen(caf::actor_system& sys, const node_actor& whom,
                                                 const node_address& where, const tls_files& tls);

/// Connects to a node, with TLS if the system was prepared with files for it. Blocks until the node has
/// answered or refused, or has done neither for 10 s, or until it is told to stop.
MAGNA_EXPORT caf::expected<node_actor> connect(caf::actor_system& sys, const node_address& where,
                                               const std::stop_token& stop = {});

/// What went wrong with a node, in words that say what to do.
MAGNA_EXPORT std::string explain_network_error(const caf::error& reason, const node_address& where,
                                               const tls_files& tls);

/// For a runtime whose settings name providers on other nodes: asks those over the network, prepared by
/// `enable_network`, and the others from this process.
MAGNA_EXPORT provider_spawner make_provider_spawner(tls_files tls);

} // namespace magna
