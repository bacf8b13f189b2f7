#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// ASCII only: the locale has no say, and other bytes belong to no class of characters.
namespace magna {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_alnum(char c) noexcept {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

/// A character that is printed and leaves ink: no blank, no control character.
constexpr bool is_graphic(char c) noexcept {
  return c > 0x20 && c < 0x7f;
}

inline std::string to_lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) { return to_lower(c); });
  return result;
}

constexpr std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Whether the text is a name: 1 to `limit` characters, each a letter, a digit or one of `marks`.
constexpr bool is_name(std::string_view text, std::string_view marks, std::size_t limit) noexcept {
  return !text.empty() && text.size() <= limit && std::ranges::all_of(text, [marks](char c) {
    return is_alnum(c) || marks.find(c) != std::string_view::npos;
  });
}

/// Whether the text can be the name of an HTTP header, or a method (RFC 9110, section 5.6.2).
constexpr bool is_token(std::string_view text) noexcept {
  return is_name(text, "!#$%&'*+-.^_`|~", text.size());
}

/// Whether the text can be the value of an HTTP header: it has no control character but the tab (RFC 9110,
/// section 5.5).
constexpr bool is_field_value(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) { return c != '\t' && is_control(c); });
}

} // namespace magna
