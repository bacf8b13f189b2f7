#pragma once

#include <memory>

#include <magna/actors/health/health_subscribers.hpp>
#include <magna/actors/observers/observers.hpp>
#include <magna/actors/providers/provider_spawner.hpp>
#include <magna/actors/requests/request_table.hpp>
#include <magna/actors/settings.hpp>
#include <magna/actors/supervision/alarm_clock.hpp>
#include <magna/actors/supervision/routing_table.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

using transport_ptr = std::shared_ptr<transport>;

/// What the actors of one runtime share.
struct runtime_context {
  /// What its owner goes by; `table->now()->config` is what new requests go by.
  std::shared_ptr<const settings> config;
  routing_table_ptr table;
  transport_ptr http;
  std::shared_ptr<request_table> requests = std::make_shared<request_table>();
  std::shared_ptr<health_subscribers> subscribers = std::make_shared<health_subscribers>();
  /// Null: the supervisor makes magna's own ones.
  observers_ptr watchers = nullptr;
  /// Null: spawn_provider.
  provider_spawner spawn;
  /// Null: the supervisor makes one.
  std::shared_ptr<alarm_clock> alarms = nullptr;
};

} // namespace magna
