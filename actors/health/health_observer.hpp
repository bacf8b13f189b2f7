#pragma once

#include <memory>

#include <magna/actors/observers/observer.hpp>
#include <magna/actors/supervision/routing_table.hpp>

namespace magna {

/// Tells the health monitor what is news to it: failures that count, and successes of providers that are not
/// known to be HEALTHY.
class health_observer final : public observer {
public:
  explicit health_observer(routing_table_ptr table) : table_(std::move(table)) {}

  void on_attempt(const attempt_event& what) override;

private:
  routing_table_ptr table_;
};

} // namespace magna
