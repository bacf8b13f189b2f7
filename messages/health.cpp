#include <magna/messages/health.hpp>

#include <magna/text/enum_names.hpp>

namespace magna {

namespace {

constexpr enum_names<health_state, 4> names{"INVALID", {"UNKNOWN", "HEALTHY", "DEGRADED", "UNAVAILABLE"}};

} // namespace

std::string to_string(health_state x) {
  return std::string{names.name(x)};
}

bool from_string(caf_string_view str, health_state& x) {
  return names.read_name(str, x);
}

bool from_integer(std::uint8_t value, health_state& x) {
  return names.read_number(value, x);
}

} // namespace magna
