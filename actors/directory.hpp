#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <magna/actors/clock.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/health.hpp>

namespace magna {

/// Who does what right now. Read by every request, written on restarts and health changes: a table with a
/// lock, like an ETS table beside OTP processes, so that requests need not queue at one actor to be routed
/// and a crash of any actor leaves the table standing. The supervisor writes handles, the health monitor
/// states. Thread-safe.
class directory {
public:
  struct provider_entry {
    std::string name;
    /// Null while its actor is being restarted.
    provider_actor handle;
    health_state state = health_state::unknown;
    std::optional<steady_time> rest_until;
  };

  /// The providers in the order of the chain.
  std::vector<provider_entry> providers() const;
  provider_actor provider(std::string_view name) const;
  void set_provider(std::string_view name, provider_actor handle);
  void set_health(std::string_view name, health_state state, std::optional<steady_time> rest_until);

  health_monitor_actor health_monitor() const;
  void set_health_monitor(health_monitor_actor handle);

  orchestrator_actor orchestrator() const;
  void set_orchestrator(orchestrator_actor handle);

  /// Forgets every handle: actors and their references to the directory would keep each other alive.
  void clear();

private:
  provider_entry& entry(std::string_view name);

  mutable std::mutex mutex_;
  std::vector<provider_entry> providers_;
  health_monitor_actor health_monitor_;
  orchestrator_actor orchestrator_;
};

using directory_ptr = std::shared_ptr<directory>;

} // namespace magna
