#pragma once

#include <memory>
#include <vector>

#include <magna/actors/observers/observer_thread.hpp>
#include <magna/actors/observers/observers.hpp>
#include <magna/actors/supervision/routing_table.hpp>

namespace magna {

/// Magna's own observers, which are called on the actors' threads, and an application's, which have a thread
/// each.
observers_ptr all_observers(const routing_table_ptr& table,
                            const std::vector<std::shared_ptr<observer_thread>>& applications = {});

} // namespace magna
