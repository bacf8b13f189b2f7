#pragma once

// Between nodes: what a node says of itself, what nodes tell each other of their providers' health, and how a
// client spreads its requests over nodes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/timespan.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/fields.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/signal.hpp>

namespace magna {

/// Another node, as seen from one.
struct peer_status {
  /// As it was configured, or as the peer calls itself if it came on its own.
  std::string address;
  /// How it calls itself; empty before it was ever connected.
  std::string name;
  /// Whether news flow.
  bool connected = false;
  /// Why it is not connected.
  std::string problem;

  bool operator==(const peer_status&) const = default;
};

constexpr auto fields_of(const peer_status* /*type*/) {
  return list_fields(tagged<1>("address", &peer_status::address), tagged<2>("name", &peer_status::name),
                     tagged<3>("connected", &peer_status::connected),
                     tagged<4>("problem", &peer_status::problem));
}

/// A node as it stands.
struct node_status {
  /// How it calls itself.
  std::string name;
  /// Of magna.
  std::string version;
  /// It takes no new requests.
  bool draining = false;
  /// Not counting those that are refused.
  std::uint64_t running_requests = 0;
  /// In the order of its chain.
  std::vector<provider_status> providers;
  /// Those that are configured, and those that came on their own.
  std::vector<peer_status> peers;

  bool operator==(const node_status&) const = default;
};

constexpr auto fields_of(const node_status* /*type*/) {
  return list_fields(tagged<1>("name", &node_status::name), tagged<2>("version", &node_status::version),
                     tagged<3>("draining", &node_status::draining),
                     tagged<4>("running_requests", &node_status::running_requests),
                     tagged<5>("providers", &node_status::providers),
                     tagged<6>("peers", &node_status::peers));
}

/// What a node has seen of a provider itself. Times are spans, not points: clocks of hosts differ.
struct health_fact {
  /// Its name.
  std::string provider;
  /// Kind, base URL and model: providers that only share a name are not the same.
  std::string identity;
  /// What that node thinks of it.
  health_state state = health_state::unknown;
  /// How long its circuit stays open.
  caf::timespan open_for{};
  /// How long it wants to be left alone.
  caf::timespan rest_for{};
  /// How long ago it was seen.
  caf::timespan age{};

  bool operator==(const health_fact&) const = default;
};

constexpr auto fields_of(const health_fact* /*type*/) {
  return list_fields(tagged<1>("provider", &health_fact::provider),
                     tagged<2>("identity", &health_fact::identity), tagged<3>("state", &health_fact::state),
                     tagged<4>("open_for", &health_fact::open_for),
                     tagged<5>("rest_for", &health_fact::rest_for), tagged<6>("age", &health_fact::age));
}

/// All that a node has seen itself.
struct health_facts {
  /// One for each provider that it has tried.
  std::vector<health_fact> facts;

  bool operator==(const health_facts&) const = default;
};

constexpr auto fields_of(const health_facts* /*type*/) {
  return list_fields(tagged<1>("facts", &health_facts::facts));
}

/// What peers send each other.
struct peer_news {
  /// How the sender calls itself.
  std::string node;
  /// All that it has seen.
  health_facts health;

  bool operator==(const peer_news&) const = default;
};

constexpr auto fields_of(const peer_news* /*type*/) {
  return list_fields(tagged<1>("node", &peer_news::node), tagged<2>("health", &peer_news::health));
}

/// A node introduces itself to another one; from then on both send their news.
struct join {
  /// How the sender calls itself.
  std::string node;
  /// Where its news are to go.
  peer_actor peer;
};

constexpr auto fields_of(const join* /*type*/) {
  return list_fields(tagged<1>("node", &join::node), tagged<2>("peer", &join::peer));
}

/// A node's own answer to join.
struct joined {
  /// How the sender calls itself.
  std::string node;
  /// Where its news are to go.
  peer_actor peer;
};

constexpr auto fields_of(const joined* /*type*/) {
  return list_fields(tagged<1>("node", &joined::node), tagged<2>("peer", &joined::peer));
}

/// Asks a node to probe one of its providers.
struct probe_provider {
  /// As configured at that node.
  std::string name;
  /// How many nodes have passed the question on.
  std::uint32_t hops = 0;

  bool operator==(const probe_provider&) const = default;
};

constexpr auto fields_of(const probe_provider* /*type*/) {
  return list_fields(tagged<1>("name", &probe_provider::name), tagged<2>("hops", &probe_provider::hops));
}

/// Asks a connection for a node.
struct pick_node {
  /// Nodes that have failed the request already.
  std::vector<std::string> except;

  bool operator==(const pick_node&) const = default;
};

constexpr auto fields_of(const pick_node* /*type*/) {
  return list_fields(tagged<1>("except", &pick_node::except));
}

/// A node to send a request to.
struct picked_node {
  /// As it was configured.
  std::string address;
  /// What it publishes; not null.
  node_actor node;
};

constexpr auto fields_of(const picked_node* /*type*/) {
  return list_fields(tagged<1>("address", &picked_node::address), tagged<2>("node", &picked_node::node));
}

/// A node that serves the request is gone.
struct node_down {
  /// As it was configured.
  std::string address;
  /// In words.
  std::string reason;

  bool operator==(const node_down&) const = default;
};

constexpr auto fields_of(const node_down* /*type*/) {
  return list_fields(tagged<1>("address", &node_down::address), tagged<2>("reason", &node_down::reason));
}

/// The next try to connect to a node is due.
struct dial_tick {
  /// As it was configured.
  std::string address;

  bool operator==(const dial_tick&) const = default;
};

constexpr auto fields_of(const dial_tick* /*type*/) {
  return list_fields(tagged<1>("address", &dial_tick::address));
}

// Messages without content.

/// Asks a dialer to connect.
struct dial : signal {};
/// Asks for what was seen here.
struct get_health_facts : signal {};
/// Asks how the node is.
struct get_node_status : signal {};
/// Asks for the peers.
struct get_peers : signal {};
/// News may be due.
struct peer_tick : signal {};

/// The peers of a node.
struct peer_list {
  /// Those that are configured, and those that came on their own.
  std::vector<peer_status> peers;

  bool operator==(const peer_list&) const = default;
};

constexpr auto fields_of(const peer_list* /*type*/) {
  return list_fields(tagged<1>("peers", &peer_list::peers));
}

} // namespace magna
