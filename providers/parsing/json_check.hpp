#pragma once

#include <string_view>

namespace magna {

/// Whether a text is JSON, an object, and not too deep (text/json_depth.hpp).
bool is_json_object(std::string_view text);

} // namespace magna
