#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/runtime_context.hpp>
#include <magna/actors/supervision/restart_policy.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// Starts the runtime's actors, watches them, and restarts each one that crashes, by itself (one for one).
///
///     supervisor --spawns, watches--> health monitor, every provider, orchestrator
///         '--handles--> routing table          '--provider_changed--> health monitor
///
/// More than 5 restarts of a child in 10 s back off up to 30 s; a provider is UNAVAILABLE meanwhile. A reload
/// gives every provider a new actor; the old one lives on until its attempts, and the requests that know it,
/// have ended. The supervisor itself does nothing that can fail.
class supervisor_state {
public:
  using handle_type = supervisor_actor;
  static constexpr const char* name = "magna.supervisor";

  supervisor_state(self_pointer<supervisor_actor> self, runtime_context context);
  ~supervisor_state();

  supervisor_state(const supervisor_state&) = delete;
  supervisor_state& operator=(const supervisor_state&) = delete;

  supervisor_actor::behavior_type make_behavior();

private:
  struct child {
    /// Spawns it anew and enters it in the routing table; returns it for watching.
    std::function<caf::strong_actor_ptr()> start;
    /// Takes it out of the routing table; `why` is set when its restart has to wait.
    std::function<void(const std::string& why)> gone;
    restart_policy policy;
    caf::strong_actor_ptr handle;
    caf::disposable timer;
  };

  void add_health_monitor();
  provider_actor spawn(const provider_settings& config);
  void add_provider(const provider_settings& config, const provider_actor& handle);
  void add_orchestrator();
  void start(const std::string& which);
  void watch(const std::string& which, caf::strong_actor_ptr handle);
  /// The actor of a child is none of ours any more.
  void let_go(child& x);
  void on_down(const std::string& which, const caf::actor_addr& who, const caf::error& reason);
  void on_reload(const reload& what);
  caf::result<drained> stop_all(const drain& what);
  void drain_requests();
  void stop_children(drained result);

  self_pointer<supervisor_actor> self_;
  runtime_context context_;
  std::map<std::string, child> children_;
  /// Set once everything is to end.
  std::optional<drain> drain_;
  bool stopping_ = false;
  std::size_t alive_ = 0;
  drained result_;
  std::vector<caf::typed_response_promise<drained>> promises_;
};

} // namespace magna
