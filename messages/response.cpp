#include <magna/messages/response.hpp>

namespace magna {

std::string to_string(finish_reason x) {
  switch (x) {
    case finish_reason::stop:
      return "stop";
    case finish_reason::length:
      return "length";
    case finish_reason::tool_calls:
      return "tool_calls";
    case finish_reason::other:
      return "other";
  }
  return "unknown_finish_reason";
}

bool from_string(caf_string_view str, finish_reason& x) {
  for (auto candidate :
       {finish_reason::stop, finish_reason::length, finish_reason::tool_calls, finish_reason::other}) {
    if (to_string(candidate) == std::string_view{str.data(), str.size()}) {
      x = candidate;
      return true;
    }
  }
  return false;
}

bool from_integer(std::uint8_t value, finish_reason& x) {
  if (value < 1 || value > 4)
    return false;
  x = static_cast<finish_reason>(value);
  return true;
}

} // namespace magna
