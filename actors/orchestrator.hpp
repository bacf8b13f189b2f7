#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/provider.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// The front door: checks each request, gives it a generation of its own, and finds it again for cancel and
/// credit.
///
///     requester --request--> orchestrator --spawns--> generation
///                                 ^--generation_ended----'
///
/// Supervised. Requests that run when it crashes go on: their generations need it no more.
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
  struct running_request {
    generation_actor generation;
    /// Null address: the answer is collected.
    caf::actor_addr requester;
  };

  /// Why the request can't be taken; nothing: it can.
  std::optional<failure> refuse(const request& what) const;
  /// Spawns the generation; `what` was checked.
  generation_actor admit(const request& what, const requester_actor& requester);
  void watch(const requester_actor& requester);
  caf::result<drained> start_drain(const drain& what);
  void finish_drain_if_empty();

  self_pointer<orchestrator_actor> self_;
  runtime_context context_;
  std::unordered_map<std::string, running_request> running_;
  /// Requesters that are watched: once each, however many requests they have.
  std::unordered_set<caf::actor_addr> watched_;
  bool draining_ = false;
  std::uint64_t cancelled_ = 0;
  std::vector<caf::typed_response_promise<drained>> drain_promises_;
  caf::disposable drain_timer_;
};

} // namespace magna
