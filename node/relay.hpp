#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/typed_response_promise.hpp>

#include <magna/actors/requests/delivery.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// One request on its way through a connection: stands for the requester at the node, and for the node at the
/// requester. Before the commit point a lost node, or one that takes no more, is replaced by another one;
/// after it the end is one failure, errc::node_lost.
class relay_state {
public:
  using handle_type = relay_actor;
  static constexpr const char* name = "magna.relay";

  /// `question` has an ID. A null requester: the answer is collected.
  relay_state(self_pointer<relay_actor> self, connection_actor way, request question,
              requester_actor requester);

  relay_actor::behavior_type make_behavior();

private:
  void begin();
  /// Whether the message at hand comes from a node that another one has taken the place of.
  bool is_stale() const;
  /// `last_word`: why the node before is out; nothing: it is the first one.
  void next_node(std::optional<failure> last_word = std::nullopt);
  void ask(const picked_node& node);
  void on_accepted(std::uint64_t round, const accepted& what);
  /// The node has not taken the request, or is gone.
  void on_refused(std::uint64_t round, const caf::error& reason);
  void on_failure(const failure& what);
  void move_on(failure reason);
  void finish(const completion& what);
  void finish(failure what);
  void leave();

  self_pointer<relay_actor> self_;
  /// Keeps the actor alive until it is done: only a node far away may know it.
  relay_actor itself_;
  connection_actor way_;
  request question_;
  requester_actor requester_;
  const std::chrono::steady_clock::time_point began_;
  std::optional<caf::typed_response_promise<accepted>> opened_;
  std::optional<caf::typed_response_promise<completion>> collected_;
  /// Counts the nodes that were asked: what comes of an earlier one is void.
  std::uint64_t round_ = 0;
  /// The node that has the request; empty and null while one is looked for.
  std::string address_;
  node_actor node_;
  stream_control_actor control_;
  std::vector<std::string> failed_;
  bool cancelled_ = false;
  bool over_ = false;
  delivery delivery_{false};
  /// The attempts that nodes before this one had begun to deliver.
  std::uint32_t earlier_attempts_ = 0;
  std::uint32_t last_attempt_ = 0;
  /// Who has answered so far.
  std::string provider_;
};

} // namespace magna
