#include <magna/messages/request.hpp>

#include <magna/text/enum_names.hpp>

namespace magna {

namespace {

constexpr enum_names<role, 4> roles{"unknown_role", {"system", "user", "assistant", "tool"}};
constexpr enum_names<tool_choice, 4> tool_choices{"unknown_tool_choice",
                                                  {"automatic", "none", "required", "named"}};
constexpr enum_names<reasoning_effort, 7> reasoning_efforts{
  "unknown_reasoning_effort", {"low", "medium", "high", "none", "minimal", "xhigh", "max"}};
constexpr enum_names<answer_format, 3> answer_formats{"unknown_answer_format",
                                                      {"text", "json", "json_schema"}};
constexpr enum_names<job_kind, 2> jobs{"unknown_job", {"chat", "embedding"}};

} // namespace

std::string to_string(role x) {
  return std::string{roles.name(x)};
}

bool from_string(caf_string_view str, role& x) {
  return roles.read_name(str, x);
}

bool from_integer(std::uint8_t value, role& x) {
  return roles.read_number(value, x);
}

std::string to_string(tool_choice x) {
  return std::string{tool_choices.name(x)};
}

bool from_string(caf_string_view str, tool_choice& x) {
  return tool_choices.read_name(str, x);
}

bool from_integer(std::uint8_t value, tool_choice& x) {
  return tool_choices.read_number(value, x);
}

std::string to_string(reasoning_effort x) {
  return std::string{reasoning_efforts.name(x)};
}

bool from_string(caf_string_view str, reasoning_effort& x) {
  return reasoning_efforts.read_name(str, x);
}

bool from_integer(std::uint8_t value, reasoning_effort& x) {
  return reasoning_efforts.read_number(value, x);
}

std::string to_string(answer_format x) {
  return std::string{answer_formats.name(x)};
}

bool from_string(caf_string_view str, answer_format& x) {
  return answer_formats.read_name(str, x);
}

bool from_integer(std::uint8_t value, answer_format& x) {
  return answer_formats.read_number(value, x);
}

std::string to_string(job_kind x) {
  return std::string{jobs.name(x)};
}

bool from_string(caf_string_view str, job_kind& x) {
  return jobs.read_name(str, x);
}

bool from_integer(std::uint8_t value, job_kind& x) {
  return jobs.read_number(value, x);
}

target parse_target(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return {std::string{text}};
  return {std::string{text.substr(0, slash)}, std::string{text.substr(slash + 1)}};
}

} // namespace magna
