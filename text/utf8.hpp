#pragma once

#include <cstdint>
#include <string_view>

namespace magna {

/// Whether the text is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing beyond
/// U+10FFFF).
bool is_utf8(std::string_view text) noexcept;

/// How many Unicode characters a well-formed text has.
std::uint64_t count_characters(std::string_view text) noexcept;

} // namespace magna
