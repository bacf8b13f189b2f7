#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace magna {

/// The names of an enumeration whose values count from 1.
template <class Enum, std::size_t Count>
struct enum_names {
  /// What a value outside of the enumeration is called.
  std::string_view unknown;
  std::array<std::string_view, Count> names;

  constexpr std::string_view name(Enum x) const noexcept {
    const auto index = static_cast<std::size_t>(x) - 1;
    return index < Count ? names[index] : unknown;
  }

  /// False if no value has this number.
  constexpr bool read_number(std::uint8_t number, Enum& x) const noexcept {
    if (number < 1 || number > Count)
      return false;
    x = static_cast<Enum>(number);
    return true;
  }

  /// False if no value has this name. Takes any string view: CAF 0.18 has its own.
  template <class Text>
  constexpr bool read_name(const Text& text, Enum& x) const noexcept {
    for (std::size_t i = 0; i < Count; ++i)
      if (names[i] == std::string_view{text.data(), text.size()})
        return read_number(static_cast<std::uint8_t>(i + 1), x);
    return false;
  }
};

} // namespace magna
