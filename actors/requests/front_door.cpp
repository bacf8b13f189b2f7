#include <magna/actors/requests/front_door.hpp>

#include <utility>

#include <magna/actors/requests/forward.hpp>

namespace magna {

namespace {

/// What is asked after the end of everything.
caf::error closed(std::string request_id) {
  failure no{.request_id = std::move(request_id),
             .error = errc::overloaded,
             .message = "magna has been shut down",
             .retryable = true};
  return caf::make_error(errc::overloaded, std::move(no));
}

} // namespace

front_door_state::front_door_state(self_pointer<service_actor> self, routing_table_ptr table)
  : self_(self), routes_(std::move(table)) {}

service_actor::behavior_type front_door_state::make_behavior() {
  return forward_service<service_actor::behavior_type>(
    self_, [this] { return routes_.now()->orchestrator; }, closed);
}

} // namespace magna
