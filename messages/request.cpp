#include <magna/messages/request.hpp>

#include <iterator>
#include <string_view>

namespace magna {

namespace {

/// The names of an enumeration whose values count from 1.
template <class Enum>
struct names_of;

template <>
struct names_of<role> {
  static constexpr std::string_view list[] = {"system", "user", "assistant", "tool"};
};

template <>
struct names_of<tool_choice> {
  static constexpr std::string_view list[] = {"automatic", "none", "required", "named"};
};

template <>
struct names_of<reasoning_effort> {
  static constexpr std::string_view list[] = {"low", "medium", "high"};
};

template <>
struct names_of<answer_format> {
  static constexpr std::string_view list[] = {"text", "json", "json_schema"};
};

template <class Enum>
std::string name_of(Enum x, const char* unknown) {
  const auto index = static_cast<std::size_t>(x) - 1;
  return std::string{index < std::size(names_of<Enum>::list) ? names_of<Enum>::list[index] : unknown};
}

template <class Enum>
bool read_number(std::uint8_t value, Enum& x) {
  if (value < 1 || value > std::size(names_of<Enum>::list))
    return false;
  x = static_cast<Enum>(value);
  return true;
}

template <class Enum>
bool read_name(caf_string_view str, Enum& x) {
  const std::string_view text{str.data(), str.size()};
  for (std::size_t i = 0; i < std::size(names_of<Enum>::list); ++i)
    if (names_of<Enum>::list[i] == text)
      return read_number(static_cast<std::uint8_t>(i + 1), x);
  return false;
}

} // namespace

std::string to_string(role x) {
  return name_of(x, "unknown_role");
}

bool from_string(caf_string_view str, role& x) {
  return read_name(str, x);
}

bool from_integer(std::uint8_t value, role& x) {
  return read_number(value, x);
}

std::string to_string(tool_choice x) {
  return name_of(x, "unknown_tool_choice");
}

bool from_string(caf_string_view str, tool_choice& x) {
  return read_name(str, x);
}

bool from_integer(std::uint8_t value, tool_choice& x) {
  return read_number(value, x);
}

std::string to_string(reasoning_effort x) {
  return name_of(x, "unknown_reasoning_effort");
}

bool from_string(caf_string_view str, reasoning_effort& x) {
  return read_name(str, x);
}

bool from_integer(std::uint8_t value, reasoning_effort& x) {
  return read_number(value, x);
}

std::string to_string(answer_format x) {
  return name_of(x, "unknown_answer_format");
}

bool from_string(caf_string_view str, answer_format& x) {
  return read_name(str, x);
}

bool from_integer(std::uint8_t value, answer_format& x) {
  return read_number(value, x);
}

} // namespace magna
