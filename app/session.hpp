#pragma once

#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/app/signals.hpp>

namespace magna::app {

/// An actor system with magna's actors in it, for the time of a command. Its threads take no SIGINT or
/// SIGTERM.
class session {
public:
  explicit session(settings config) : system_(configure(config_)), runtime_(system_, std::move(config)) {
    shield_.reset();
  }

  caf::actor_system& system() noexcept { return system_; }
  runtime& llm() noexcept { return runtime_; }

private:
  /// CAF's configuration is fixed: it reads neither the command line nor a file.
  static caf::actor_system_config& configure(caf::actor_system_config& config);

  std::optional<signal_shield> shield_{std::in_place};
  caf::actor_system_config config_;
  caf::actor_system system_;
  runtime runtime_;
};

} // namespace magna::app
