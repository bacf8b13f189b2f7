#pragma once

#include <string>
#include <string_view>

namespace magna {

/// U+FFFD, what stands for bytes or halves of characters that mean nothing.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// The length of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

/// Appends `text` to `out` with each maximal invalid part replaced by U+FFFD.
void append_valid_utf8(std::string& out, std::string_view text);

/// Appends the UTF-8 form of a code point, which must not be a surrogate.
void append_code_point(std::string& out, char32_t code_point);

} // namespace magna
