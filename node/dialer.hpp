#pragma once

#include <stop_token>

#include <magna/messages/types.hpp>
#include <magna/node/network.hpp>

namespace magna {

/// Connects to one node when asked to. Names are looked up and connections made with calls that block, so it
/// has a thread of its own: no other actor waits, and one host that swallows packets delays no other.
class dialer_state {
public:
  /// What spawning it returns.
  using handle_type = dialer_actor;
  /// In CAF's log.
  static constexpr const char* name = "magna.dialer";

  /// Tries stop when `stop` is set.
  dialer_state(self_pointer<dialer_actor> self, node_address where, tls_files tls, std::stop_token stop);

  /// Called by `spawn_state`.
  dialer_actor::behavior_type make_behavior();

private:
  self_pointer<dialer_actor> self_;
  node_address where_;
  tls_files tls_;
  std::stop_token stop_;
};

/// Starts dialers, and tells them to stop when it goes: an actor system that ends waits for all of its
/// threads.
class dialers {
public:
  dialers() = default;
  ~dialers() { stop_.request_stop(); }
  dialers(const dialers&) = delete;
  dialers& operator=(const dialers&) = delete;

  /// Starts one for a node; it connects when it is asked to.
  dialer_actor start(caf::actor_system& sys, const node_address& where, const tls_files& tls) {
    return spawn_detached_state<dialer_state>(sys, where, tls, stop_.get_token());
  }

private:
  std::stop_source stop_;
};

} // namespace magna
