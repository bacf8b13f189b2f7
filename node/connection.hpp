#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/messages/export.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/dialer.hpp>
#include <magna/node/network.hpp>

namespace magna {

class wire_calls;

/// Where a connection goes.
struct connection_config {
  /// At least one.
  std::vector<node_address> nodes;
  /// For all of them.
  tls_files tls;
  /// Before the second try to connect; doubles up to `longest_wait`.
  std::chrono::milliseconds first_wait{200};
  /// Between two tries to connect to a node.
  std::chrono::milliseconds longest_wait{5'000};
};

/// The way to one or several nodes: takes requests as an orchestrator does, gives each to the connected node
/// with the fewest, and connects again to nodes that are lost.
///
///     requester --request--> connection --spawns--> relay --request--> node
///                                ^--pick_node----------'  '<--chunk*, end--'
///
/// A relay that loses its node before the commit point asks for another one here.
class MAGNA_EXPORT connection_state {
public:
  /// What `spawn_state<connection_state>(system, config)` returns.
  using handle_type = connection_actor;
  /// In CAF's log.
  static constexpr const char* name = "magna.connection";

  /// Called by `spawn_state`.
  connection_state(self_pointer<connection_actor> self, connection_config config);
  ~connection_state();

  connection_state(const connection_state&) = delete;
  connection_state& operator=(const connection_state&) = delete;

  /// Called by `spawn_state`.
  connection_actor::behavior_type make_behavior();

private:
  struct node {
    std::string address;
    dialer_actor dialer;
    /// Null while not connected.
    node_actor handle;
    bool dialing = false;
    std::string problem;
    std::chrono::milliseconds wait{};
    std::size_t requests = 0;
    caf::disposable timer;
  };
  struct running {
    relay_actor relay;
    std::string request_id;
    /// Who receives the stream, or waits for the collected answer. Null address: nobody knows.
    caf::actor_addr requester;
    /// The node that serves it; empty: none yet.
    std::string address;
  };
  struct waiting {
    caf::actor_addr relay;
    pick_node what;
    caf::typed_response_promise<picked_node> promise;
  };

  relay_actor start_relay(const request& what, const requester_actor& requester);
  /// Sees to it that the relay's request is cancelled when its requester ends.
  void watch_requester(const caf::actor_addr& requester, const caf::actor_addr& relay);
  void on_relay_down(const caf::actor_addr& relay);
  /// The relay of a running request; null: it has ended.
  relay_actor relay_of(const std::string& request_id) const;
  node* find(const std::string& address);
  void start_dialing(node& x);
  void on_connected(const std::string& address, const node_actor& handle);
  void on_lost(const std::string& address, const caf::actor_addr& who, const std::string& reason);
  void dial_later(node& x);
  caf::result<picked_node> on_pick(const pick_node& what);
  /// The best node for it, or null.
  node* choose(const std::vector<std::string>& except);
  /// Whether a node may be connected in a moment.
  bool is_hopeful(const std::vector<std::string>& except) const;
  void assign(const caf::actor_addr& relay, node& x);
  void serve_waiting();
  /// Asks the best node, once there is one.
  template <class Result, class Message>
  void ask_a_node(const Message& what, caf::typed_response_promise<Result> promise);
  caf::error no_node() const;

  self_pointer<connection_actor> self_;
  connection_config config_;
  dialers dialers_;
  std::vector<node> nodes_;
  std::unordered_map<caf::actor_addr, running> running_;
  // The running requests by ID, and by the actor that receives them: what a cancel, a credit or a requester's
  // end costs does not depend on how many others run.
  std::unordered_map<std::string, caf::actor_addr> by_id_;
  std::unordered_map<caf::actor_addr, std::unordered_set<caf::actor_addr>> by_requester_;
  /// Requesters that are watched: once each, however many requests they have.
  std::unordered_set<caf::actor_addr> watched_;
  std::deque<waiting> waiting_;
  /// Questions that wait for the first connection.
  std::vector<std::function<void()>> questions_;
  std::vector<health_subscriber_actor> subscribers_;
  /// Its header is not installed with this one.
  std::unique_ptr<wire_calls> calls_;
};

} // namespace magna
