#include <magna/messages/health.hpp>

namespace magna {

std::string to_string(health_state x) {
  switch (x) {
    case health_state::unknown:
      return "UNKNOWN";
    case health_state::healthy:
      return "HEALTHY";
    case health_state::degraded:
      return "DEGRADED";
    case health_state::unavailable:
      return "UNAVAILABLE";
  }
  return "INVALID";
}

bool from_string(caf_string_view str, health_state& x) {
  for (auto candidate :
       {health_state::unknown, health_state::healthy, health_state::degraded, health_state::unavailable}) {
    if (to_string(candidate) == std::string_view{str.data(), str.size()}) {
      x = candidate;
      return true;
    }
  }
  return false;
}

bool from_integer(std::uint8_t value, health_state& x) {
  if (value < 1 || value > 4)
    return false;
  x = static_cast<health_state>(value);
  return true;
}

} // namespace magna
