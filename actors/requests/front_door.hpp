#pragma once

#include <magna/actors/supervision/routing_table.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// Passes everything on to the orchestrator of the moment: the one handle that stays good for the runtime's
/// whole life, for embedders and for other nodes. It does nothing that can fail, and so needs no supervision.
class front_door_state {
public:
  using handle_type = service_actor;
  static constexpr const char* name = "magna.front_door";

  front_door_state(self_pointer<service_actor> self, routing_table_ptr table);

  service_actor::behavior_type make_behavior();

private:
  self_pointer<service_actor> self_;
  routes_view routes_;
};

} // namespace magna
