#include <magna/providers/answer_check.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

namespace {

using nlohmann::json;

response_error incapable(std::string message) {
  response_error error;
  error.code = errc::invalid_request;
  error.message = std::move(message);
  error.should_retry = false;
  error.unsupported = true;
  return error;
}

bool is_of_type(const json& value, std::string_view type) {
  if (type == "object")
    return value.is_object();
  if (type == "array")
    return value.is_array();
  if (type == "string")
    return value.is_string();
  if (type == "boolean")
    return value.is_boolean();
  if (type == "null")
    return value.is_null();
  if (type == "number")
    return value.is_number();
  if (type == "integer")
    return value.is_number_integer()
           || (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
  return true;
}

/// Judges the outside of a value only: its type, and the members that it must have. Who does not know the demand hits
/// neither; the rest is between the model and the application.
std::string misfit(const json& value, const json& schema) {
  const auto* type = find_member(schema, "type");
  if (type != nullptr && type->is_string() && !is_of_type(value, type->get_ref<const std::string&>()))
    return "is no " + type->get<std::string>();
  if (const auto* names = find_list(schema, "required"); names != nullptr && value.is_object())
    for (const auto& name : *names)
      if (name.is_string() && !value.contains(name.get_ref<const std::string&>()))
        return "lacks " + name.get<std::string>();
  return {};
}

/// A model goes on with what it is made to have said, or begins anew.
json read_json(std::string_view text, const request& question) {
  const auto& messages = question.messages;
  if (!messages.empty() && messages.back().from == role::assistant)
    if (auto value = parse_any(messages.back().content + std::string{text}); !value.is_discarded())
      return value;
  return parse_any(text);
}

std::optional<response_error> problem_with_json(const answer_info& answer, std::string_view text,
                                                const request& question) {
  const auto value = read_json(text, question);
  if (value.is_discarded() || (question.format == answer_format::json && !value.is_structured())) {
    if (answer.finish == finish_reason::length)
      return incapable(
        "the limit of tokens cut the answer before its JSON was complete: it needs a higher max_tokens");
    return incapable(question.format == answer_format::json
                       ? "JSON was asked for, and the answer is none"
                       : "JSON after a schema was asked for, and the answer is none");
  }
  if (question.format != answer_format::json_schema)
    return std::nullopt;
  if (const auto fault = misfit(value, parse_object(question.json_schema)); !fault.empty())
    return incapable("JSON after a schema was asked for, and the answer " + fault);
  return std::nullopt;
}

} // namespace

bool judges_text(const request& question) noexcept {
  return question.job == job_kind::chat && question.format != answer_format::text;
}

std::optional<response_error> problem_with_answer(const answer_info& answer, std::string_view text,
                                                  const request& question) {
  if (question.job != job_kind::chat)
    return std::nullopt;
  const auto& calls = answer.tool_calls;
  const auto& tool = question.required_tool;
  const bool is_named = question.tool_choice == tool_choice::named;
  const bool has_come =
    is_named ? std::ranges::find(calls, tool, &tool_call::name) != calls.end() : !calls.empty();
  if ((is_named || question.tool_choice == tool_choice::required) && !has_come) {
    const auto wanted = is_named ? "a call of " + tool : std::string{"a call of a tool"};
    if (answer.finish == finish_reason::length)
      return incapable("the limit of tokens was reached before " + wanted + ": it needs a higher max_tokens");
    return incapable(wanted + " was required, and the answer has none");
  }
  // Who calls a tool answers later.
  return judges_text(question) && calls.empty() ? problem_with_json(answer, text, question) : std::nullopt;
}

} // namespace magna
