#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <magna/actors/health/provider_meter.hpp>
#include <magna/actors/settings.hpp>
#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/actors.hpp>
#include <magna/messages/health.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// What a request is routed by, all of one moment: a configuration, the actors that were started for it, and
/// the providers' states. Does not change.
struct routes {
  struct provider {
    std::string name;
    /// Null while its actor is being restarted.
    provider_actor handle;
    health_state state = health_state::unknown;
    std::optional<steady_time> rest_until;
    /// Not null. The same one in all routes, as long as the provider is configured.
    std::shared_ptr<provider_meter> meter;
  };

  /// Grows with every change.
  std::uint64_t version = 0;
  /// Null before the supervisor has started.
  std::shared_ptr<const settings> config;
  /// In the order in which they were added.
  std::vector<provider> providers;
  health_monitor_actor health_monitor;
  orchestrator_actor orchestrator;

  /// Null if it is not known. Looked for at `likely_at` first: whoever goes through all of them knows.
  const provider* find(std::string_view name, std::size_t likely_at = 0) const;
};

using routes_ptr = std::shared_ptr<const routes>;

/// Who does what right now. Every request reads it; restarts, reloads and changes of health write it. It is no
/// actor: requests do not queue at it, and no actor's crash takes it down.
/// The supervisor writes handles and the configuration, the health monitor states. Thread-safe.
class routing_table {
public:
  /// Never null. What it shows does not change; later changes make another one.
  routes_ptr now() const;

  /// Of the newest routes. Takes no lock.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  /// Goes over to another configuration and its actors in one step. What is known of a provider's health
  /// stays; those that are not in the configuration any more are forgotten.
  void replace(std::shared_ptr<const settings> config,
               const std::vector<std::pair<std::string, provider_actor>>& handles);

  /// The figures of a provider, also before it is in the table. Not null.
  std::shared_ptr<provider_meter> meter(std::string_view name);

  provider_actor provider(std::string_view name) const;
  void set_provider(std::string_view name, provider_actor handle);
  void set_health(std::string_view name, health_state state, std::optional<steady_time> rest_until);

  health_monitor_actor health_monitor() const { return now()->health_monitor; }
  void set_health_monitor(health_monitor_actor handle);

  orchestrator_actor orchestrator() const { return now()->orchestrator; }
  void set_orchestrator(orchestrator_actor handle);

  /// Forgets every handle: actors and their references to the table would keep each other alive.
  void clear();

private:
  template <class F>
  void change(F f);
  routes::provider& entry(routes& all, std::string_view name) MAGNA_REQUIRES(mutex_);
  const std::shared_ptr<provider_meter>& meter_of(std::string_view name) MAGNA_REQUIRES(mutex_);

  std::atomic<std::uint64_t> version_ = 0;
  mutable mutex mutex_;
  routes_ptr routes_ MAGNA_GUARDED_BY(mutex_) = std::make_shared<const routes>();
  std::map<std::string, std::shared_ptr<provider_meter>, std::less<>> meters_ MAGNA_GUARDED_BY(mutex_);
};

using routing_table_ptr = std::shared_ptr<routing_table>;

/// An actor's own view of a routing table: takes the table's lock only after a change, and keeps no routes
/// alive that are out of date. Not thread-safe.
class routes_view {
public:
  explicit routes_view(routing_table_ptr table) : table_(std::move(table)) {}

  routes_ptr now() {
    if (table_->version() == version_)
      if (auto known = known_.lock())
        return known;
    auto newest = table_->now();
    known_ = newest;
    version_ = newest->version;
    return newest;
  }

private:
  routing_table_ptr table_;
  std::weak_ptr<const routes> known_;
  std::uint64_t version_ = 0;
};

} // namespace magna
