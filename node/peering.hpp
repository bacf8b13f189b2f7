#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <caf/disposable.hpp>

#include <magna/actors/supervision/routing_table.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/caf/wire_calls.hpp>
#include <magna/node/dialer.hpp>
#include <magna/node/network.hpp>

namespace magna {

struct peering_config {
  /// How this node calls itself.
  std::string name;
  /// The nodes to introduce itself to; others may come on their own.
  std::vector<node_address> peers;
  tls_files tls;
  routing_table_ptr table;
  /// How often peers are told what was seen here.
  std::chrono::milliseconds interval{500};
  /// About how long after a failure a peer is dialled again.
  std::chrono::milliseconds redial{500};
};

/// Tells other nodes what this one has seen of its providers, and passes on what they have seen.
///
///     health monitor --health_facts--> peering <--peer_news--> peering of another node
///
/// All that is known goes out every time: a node that comes back, or was restarted, needs no history. Each
/// node decides alone what a fact is worth to it; without peers nothing is different.
class peering_state {
public:
  using handle_type = peering_actor;
  static constexpr const char* name = "magna.peering";

  peering_state(self_pointer<peering_actor> self, peering_config config);
  ~peering_state();

  peering_state(const peering_state&) = delete;
  peering_state& operator=(const peering_state&) = delete;

  peering_actor::behavior_type make_behavior();

private:
  struct link {
    /// As configured; empty: the peer came on its own.
    std::string address;
    dialer_actor dialer;
    std::string name;
    /// Null while not connected.
    peer_actor peer;
    std::string problem;
    caf::disposable timer;
  };

  link* find(const std::string& address);
  void start_dialing(link& x);
  void on_problem(const std::string& address, const std::string& problem);
  void watch(const peer_actor& peer);
  void tell_peers();
  peer_list peers() const;

  self_pointer<peering_actor> self_;
  peering_config config_;
  dialers dialers_;
  std::vector<link> links_;
  wire_calls calls_;
  caf::disposable timer_;
};

} // namespace magna
