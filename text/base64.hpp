#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Base64 as RFC 4648 has it.
namespace magna {

/// With padding.
std::string to_base64(std::string_view bytes);

/// With padding or without. Nothing: it is none.
std::optional<std::string> from_base64(std::string_view text);

} // namespace magna
