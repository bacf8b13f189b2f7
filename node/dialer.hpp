#pragma once

#include <magna/messages/types.hpp>
#include <magna/node/network.hpp>

namespace magna {

/// Connects to one node when asked to. Names are looked up and connections made with calls that block, so it
/// has a thread of its own: no other actor waits, and one host that swallows packets delays no other.
class dialer_state {
public:
  using handle_type = dialer_actor;
  static constexpr const char* name = "magna.dialer";

  dialer_state(self_pointer<dialer_actor> self, node_address where, tls_files tls);

  dialer_actor::behavior_type make_behavior();

private:
  self_pointer<dialer_actor> self_;
  node_address where_;
  tls_files tls_;
};

} // namespace magna
