#pragma once

#include <string>
#include <vector>

#include <magna/config/load.hpp>
#include <magna/messages/request.hpp>

/// --provider NAME/MODEL,NAME...
namespace magna::app {

/// "openai/gpt-6-sol,gemini": whom to ask, and where one is named, for which model.
std::vector<target> targets_of(const std::string& list);

/// Takes the models out of --provider: the configuration has a chain of providers, the request names the models.
std::vector<target> take_targets(config::sources& from);

} // namespace magna::app
