#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/actor_addr.hpp>

#include <magna/actors/health/retry_budget.hpp>
#include <magna/actors/settings.hpp>
#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/health.hpp>

namespace magna {

/// What a request is routed by, all of one moment: a configuration and the actors that were started for it.
struct routes {
  struct provider {
    std::string name;
    /// Null while its actor is being restarted.
    provider_actor handle;
    health_state state = health_state::unknown;
    std::optional<steady_time> rest_until;
  };

  /// Null before the supervisor has started.
  std::shared_ptr<const settings> config;
  /// In the order in which they were added.
  std::vector<provider> providers;

  /// Null if it is not known. Looked for at `likely_at` first: whoever goes through all of them knows.
  const provider* find(std::string_view name, std::size_t likely_at = 0) const;
};

/// Who does what right now. Read by every request, written on restarts and health changes: a table with a
/// lock, like an ETS table beside OTP processes, so that requests need not queue at one actor to be routed
/// and a crash of any actor leaves the table standing. The supervisor writes handles and the configuration,
/// the health monitor states. Thread-safe.
class directory {
public:
  /// Never null. What it shows does not change; later changes make another one.
  std::shared_ptr<const routes> now() const;

  /// Goes over to another configuration and its actors in one step. What is known of a provider's health
  /// stays; those that are not in the configuration any more are forgotten.
  void replace(std::shared_ptr<const settings> config,
               const std::vector<std::pair<std::string, provider_actor>>& handles);

  provider_actor provider(std::string_view name) const;
  void set_provider(std::string_view name, provider_actor handle);
  void set_health(std::string_view name, health_state state, std::optional<steady_time> rest_until);

  /// How long after an attempt's start its first token is late, by the provider's own figures; nothing while
  /// too little is known.
  std::optional<steady_duration> late_after(std::string_view name) const;
  void set_late_after(std::string_view name, std::optional<steady_duration> value);

  /// The retry budget of each provider: it outlives the provider's actor.
  void count_first_attempt(std::string_view name, steady_time now);
  /// Whether one more retry may go to the provider; if so, it is counted.
  bool take_retry(std::string_view name, steady_time now);

  health_monitor_actor health_monitor() const;
  void set_health_monitor(health_monitor_actor handle);

  /// Who hears of health events: they outlive the monitor, whose successor goes on with them. In the order of
  /// their subscription.
  std::vector<health_subscriber_actor> subscribers() const;
  /// A subscriber that is known already stays where it is.
  void add_subscriber(const health_subscriber_actor& who);
  void remove_subscriber(const caf::actor_addr& who);

  orchestrator_actor orchestrator() const;
  void set_orchestrator(orchestrator_actor handle);

  /// Forgets every handle: actors and their references to the directory would keep each other alive.
  void clear();

private:
  struct figures {
    retry_budget budget;
    std::optional<steady_duration> late_after;
  };

  template <class F>
  void change(F f);
  figures& figures_of(std::string_view name);

  mutable std::mutex mutex_;
  std::shared_ptr<const routes> routes_ = std::make_shared<const routes>();
  std::map<std::string, figures, std::less<>> figures_;
  health_monitor_actor health_monitor_;
  std::vector<health_subscriber_actor> subscribers_;
  orchestrator_actor orchestrator_;
};

using directory_ptr = std::shared_ptr<directory>;

} // namespace magna
