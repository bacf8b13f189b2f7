#pragma once

#include <string>
#include <vector>

#include <magna/actors/requests/request_plan.hpp>
#include <magna/actors/settings.hpp>

namespace magna {

/// What a provider makes vectors with when a request wants `wanted`: a model's name, or a space's, or nothing in
/// particular. Empty: another node's own, or nothing.
std::string embedding_model_of(const provider_settings& provider, const std::string& wanted);

/// Leaves only those that serve the first one's model, since vectors of different models can't be compared. Those
/// that can't make vectors go first, unless no other is left: then the attempt says why. `all` are the providers
/// of the candidates, in the same order.
void keep_one_space(std::vector<candidate>& candidates, std::vector<const provider_settings*> all,
                    const std::string& wanted);

} // namespace magna
