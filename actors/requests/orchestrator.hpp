#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/requests/admission_gate.hpp>
#include <magna/actors/runtime_context.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// Takes requests: checks each one, gives it a generation of its own, and finds it again for cancel and
/// credit.
///
///     requester --request--> orchestrator --spawns, watches--> generation
///
/// Supervised. Requests that run when it crashes go on: their generations need it no more, and its successor
/// takes them over from the table of requests.
class orchestrator_state {
public:
  using handle_type = orchestrator_actor;
  static constexpr const char* name = "magna.orchestrator";

  orchestrator_state(self_pointer<orchestrator_actor> self, runtime_context context);
  ~orchestrator_state();

  orchestrator_state(const orchestrator_state&) = delete;
  orchestrator_state& operator=(const orchestrator_state&) = delete;

  orchestrator_actor::behavior_type make_behavior();

private:
  /// Why the request can't be taken; nothing: it can.
  std::optional<failure> refuse(const request& what);
  /// Spawns the generation; `what` was checked. A null requester: the answer is collected for the sender.
  generation_actor admit(request question, const requester_actor& requester);
  /// Sees the request to its end, whoever started it.
  void watch(const std::string& id, const request_table::entry& running);
  void on_generation_down(const std::string& id, const caf::actor_addr& generation);
  void watch_requester(const caf::actor_addr& requester);
  caf::result<drained> start_drain(const drain& what);
  void finish_drain_if_empty();

  self_pointer<orchestrator_actor> self_;
  runtime_context context_;
  routes_view routes_;
  admission_gate gate_;
  /// Requesters that are watched: once each, however many requests they have.
  std::unordered_set<caf::actor_addr> watched_;
  bool draining_ = false;
  std::uint64_t cancelled_ = 0;
  std::vector<caf::typed_response_promise<drained>> drain_promises_;
  caf::disposable drain_timer_;
};

} // namespace magna
