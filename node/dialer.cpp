#include <magna/node/dialer.hpp>

#include <utility>

namespace magna {

dialer_state::dialer_state(self_pointer<dialer_actor> self, node_address where, tls_files tls,
                           std::stop_token stop)
  : self_(self), where_(std::move(where)), tls_(std::move(tls)), stop_(std::move(stop)) {}

dialer_actor::behavior_type dialer_state::make_behavior() {
  return {
    [this](const dial&) -> caf::result<node_actor> {
      return connect(self_->home_system(), where_, tls_, stop_);
    },
  };
}

} // namespace magna
