#include <magna/node/dialer.hpp>

#include <chrono>
#include <utility>

#include <magna/node/caf/reach.hpp>

namespace magna {

namespace {

/// How long a host may take to answer. A lost packet is sent again after a second; a new try is as good, and
/// the sooner it comes after a cut cable is mended the better.
constexpr std::chrono::seconds reach_patience{1};

} // namespace

dialer_state::dialer_state(self_pointer<dialer_actor> self, node_address where, tls_files tls,
                           std::stop_token stop)
  : self_(self), where_(std::move(where)), tls_(std::move(tls)), stop_(std::move(stop)) {}

dialer_actor::behavior_type dialer_state::make_behavior() {
  return {
    [this](const dial&) -> caf::result<node_actor> {
      // CAF makes all connections of the process one after the other, and waits for each as long as the
      // system does.
      if (const auto problem = problem_with_reaching(where_, reach_patience, stop_); !problem.empty())
        return caf::make_error(errc::node_lost,
                               "no connection to node " + to_string(where_) + ": " + problem);
      auto found = connect(self_->home_system(), where_, stop_);
      if (!found)
        return caf::make_error(errc::node_lost, explain_network_error(found.error(), where_, tls_));
      return std::move(*found);
    },
  };
}

} // namespace magna
