#include <magna/messages/part.hpp>

#include <magna/text/enum_names.hpp>

namespace magna {

namespace {

constexpr enum_names<part_kind, 3> names{"unknown_part_kind", {"text", "reasoning", "tool_call"}};

} // namespace

std::string to_string(part_kind x) {
  return std::string{names.name(x)};
}

bool from_string(caf_string_view str, part_kind& x) {
  return names.read_name(str, x);
}

bool from_integer(std::uint8_t value, part_kind& x) {
  return names.read_number(value, x);
}

} // namespace magna
