#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace magna {

/// Reads the whole text as a decimal number. Nothing if the text is no number, is not finite, or does not fit T.
template <class T>
std::optional<T> parse_number(std::string_view text) noexcept {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  if constexpr (std::floating_point<T>)
    if (!std::isfinite(value))
      return std::nullopt;
  return value;
}

/// The shortest text that reads as exactly this number.
inline std::string number_text(double x) {
  char buffer[32];
  const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), x);
  return {std::begin(buffer), end};
}

} // namespace magna
