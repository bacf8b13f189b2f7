#pragma once

#include <string>
#include <vector>

#include <magna/actors/requests/request_plan.hpp>
#include <magna/actors/supervision/routing_table.hpp>
#include <magna/messages/request.hpp>

namespace magna {

/// The providers that a request may go to, in the order to try them: those that it names, or the chain.
std::vector<candidate> candidates_for(const request& question, const routes& known, steady_time now);

/// The actor of a provider, for a request that was checked against `known`; null while the actor is restarted. A
/// restarted provider has a new actor, which `table` knows. After a reload `table` has other providers, and the
/// request stays with those of `known`.
provider_actor provider_for(const std::string& name, const routes& known, const routing_table& table);

} // namespace magna
