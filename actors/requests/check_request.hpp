#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/request.hpp>

namespace magna {

/// What is wrong with a request before any provider is asked: the field, and what is allowed; nothing if all
/// is well.
std::optional<std::string> check_request(const request& what, const std::vector<std::string>& provider_names);

/// Whether a text can be parameters::prompt_cache_key.
bool is_cache_key(std::string_view text);

} // namespace magna
