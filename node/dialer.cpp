#include <magna/node/dialer.hpp>

#include <utility>

namespace magna {

dialer_state::dialer_state(self_pointer<dialer_actor> self, node_address where, tls_files tls)
  : self_(self), where_(std::move(where)), tls_(std::move(tls)) {}

dialer_actor::behavior_type dialer_state::make_behavior() {
  return {
    [this](const dial&) -> caf::result<node_actor> {
      auto found = connect(self_->home_system(), where_, tls_);
      if (!found)
        return caf::make_error(errc::node_lost, explain_network_error(found.error(), where_, tls_));
      return std::move(*found);
    },
  };
}

} // namespace magna
