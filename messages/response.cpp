#include <magna/messages/response.hpp>

#include <magna/text/enum_names.hpp>

namespace magna {

namespace {

constexpr enum_names<finish_reason, 4> names{"unknown_finish_reason",
                                             {"stop", "length", "tool_calls", "other"}};

} // namespace

std::string to_string(finish_reason x) {
  return std::string{names.name(x)};
}

bool from_string(caf_string_view str, finish_reason& x) {
  return names.read_name(str, x);
}

bool from_integer(std::uint8_t value, finish_reason& x) {
  return names.read_number(value, x);
}

chat_message completion::message() const {
  chat_message result{.from = role::assistant, .content = text};
  result.tool_calls = tool_calls;
  result.items = items;
  return result;
}

} // namespace magna
