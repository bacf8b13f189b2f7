#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/app/signals.hpp>
#include <magna/node/network.hpp>
#include <magna/node/remote_provider.hpp>

namespace magna::app {

/// An actor system for the time of a command. Its threads take no SIGINT, SIGTERM or SIGHUP.
class actor_host {
public:
  /// `network`: it listens or connects to nodes.
  explicit actor_host(const tls_files* network = nullptr) : system_(configure(config_, network)) {
    shield_.reset();
  }

  caf::actor_system& system() noexcept { return system_; }

private:
  /// CAF's configuration is fixed: it reads neither the command line nor a file.
  static caf::actor_system_config& configure(caf::actor_system_config& config, const tls_files* network);

  std::optional<signal_shield> shield_{std::in_place};
  caf::actor_system_config config_;
  caf::actor_system system_;
};

/// magna's actors, in a system of their own.
class session {
public:
  /// `listens`: other nodes come in. A provider that lives on another node needs the network as well.
  explicit session(settings config, tls_files tls = {}, bool listens = false)
    : host_(listens || needs_network(config) ? &tls : nullptr),
      runtime_(make_runtime(host_.system(), std::move(config), tls)) {}

  caf::actor_system& system() noexcept { return host_.system(); }
  runtime& llm() noexcept { return *runtime_; }

private:
  /// The transport's thread, too, is shielded from signals.
  static std::unique_ptr<runtime> make_runtime(caf::actor_system& system, settings config,
                                               const tls_files& tls) {
    const signal_shield shield;
    return std::make_unique<runtime>(system, std::move(config), nullptr, make_provider_spawner(tls));
  }

  actor_host host_;
  std::unique_ptr<runtime> runtime_;
};

} // namespace magna::app
