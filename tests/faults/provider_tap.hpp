#pragma once

#include <memory>
#include <mutex>

#include <caf/actor_system.hpp>

#include <magna/messages/types.hpp>

namespace magna::test {

/// What passed through a tap: the actor of the last request.
class tapped {
public:
  void note(const generation_actor& generation);

  [[nodiscard]] generation_actor generation() const;

private:
  mutable std::mutex mutex_;
  generation_actor generation_;
};

/// Stands before a provider in the routing table, hands everything on, and notes the request that asks.
provider_actor spawn_tap(caf::actor_system& sys, provider_actor real, std::shared_ptr<tapped> notes);

} // namespace magna::test
