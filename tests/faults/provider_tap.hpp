#pragma once

#include <memory>
#include <mutex>

#include <caf/actor_system.hpp>

#include <magna/messages/types.hpp>

namespace magna::test {

/// What passed through a tap: who works on the last request.
class tapped {
public:
  void note(const generation_actor& generation);
  void note(const attempt_actor& attempt);

  [[nodiscard]] generation_actor generation() const;
  [[nodiscard]] attempt_actor attempt() const;

private:
  mutable std::mutex mutex_;
  generation_actor generation_;
  attempt_actor attempt_;
};

/// Stands before a provider in the directory, hands everything on, and notes who asks and who answers.
provider_actor spawn_tap(caf::actor_system& sys, provider_actor real, std::shared_ptr<tapped> notes);

} // namespace magna::test
