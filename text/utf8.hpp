#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF.
namespace magna {

/// U+FFFD, which replaces bytes and halves of characters that have no meaning.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// The length of the longest prefix that is well-formed.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

/// Whether the whole text is well-formed.
inline bool is_utf8(std::string_view text) noexcept {
  return valid_utf8_prefix(text) == text.size();
}

/// How many Unicode characters a well-formed text has.
std::uint64_t count_characters(std::string_view text) noexcept;

/// Appends `text` to `out` with each maximal invalid part replaced by U+FFFD.
void append_valid_utf8(std::string& out, std::string_view text);

/// Appends the UTF-8 form of a code point, which must not be a surrogate.
void append_code_point(std::string& out, char32_t code_point);

} // namespace magna
