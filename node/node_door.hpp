#pragma once

#include <functional>
#include <string>

#include <magna/actors/runtime_context.hpp>
#include <magna/messages/types.hpp>

namespace magna {

struct node_door_config {
  std::string name;
  /// Of magna.
  std::string version;
  runtime_context context;
  /// What the runtime gives to those in its own process.
  service_actor service;
  peering_actor peering;
  /// Called when the node was drained by a message, and that was answered: its process may end. Perhaps more
  /// than once.
  std::function<void()> on_drained;
};

/// What a node publishes: takes requests for the runtime behind it, and says how the node is.
class node_door_state {
public:
  using handle_type = node_actor;
  static constexpr const char* name = "magna.node_door";

  node_door_state(self_pointer<node_actor> self, node_door_config config);

  node_actor::behavior_type make_behavior();

private:
  caf::result<node_status> report();
  caf::result<drained> start_drain(const drain& what);
  /// Lets the node end once the answer to its drain has arrived.
  void end_after_answer(const requester_actor& asker);

  self_pointer<node_actor> self_;
  node_door_config config_;
  bool draining_ = false;
};

} // namespace magna
