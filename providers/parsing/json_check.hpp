#pragma once

#include <string_view>

namespace magna {

/// Whether a text is JSON, and an object.
bool is_json_object(std::string_view text);

} // namespace magna
