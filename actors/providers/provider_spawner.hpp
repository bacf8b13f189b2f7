#pragma once

#include <functional>

#include <caf/fwd.hpp>

#include <magna/messages/actors.hpp>

namespace magna {

struct provider_settings;
struct runtime_context;

/// Starts the actor of a provider: for the runtime's start, and again after every crash and reload. Called
/// from the supervisor's actor, so it must neither block nor throw. The context is what the runtime's actors
/// share.
using provider_spawner =
  std::function<provider_actor(caf::actor_system&, const runtime_context&, const provider_settings&)>;

} // namespace magna
