#include <magna/messages/request.hpp>

namespace magna {

std::string to_string(role x) {
  switch (x) {
    case role::system:
      return "system";
    case role::user:
      return "user";
    case role::assistant:
      return "assistant";
  }
  return "unknown_role";
}

bool from_string(caf_string_view str, role& x) {
  for (auto candidate : {role::system, role::user, role::assistant}) {
    if (to_string(candidate) == std::string_view{str.data(), str.size()}) {
      x = candidate;
      return true;
    }
  }
  return false;
}

bool from_integer(std::uint8_t value, role& x) {
  if (value < 1 || value > 3)
    return false;
  x = static_cast<role>(value);
  return true;
}

} // namespace magna
