#pragma once

#include <optional>
#include <string>
#include <vector>

#include <magna/messages/request.hpp>

namespace magna {

/// What is wrong with a request before any provider is asked: the field, and what is allowed; nothing if all
/// is well.
std::optional<std::string> check_request(const request& what, const std::vector<std::string>& provider_names);

} // namespace magna
