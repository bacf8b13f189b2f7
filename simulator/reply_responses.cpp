#include <magna/simulator/manners.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace magna::simulator {

namespace {

using json = nlohmann::json;
using std::string_view;

/// The members that a request may have; OpenAI refuses all others.
constexpr auto known_members = std::to_array<string_view>({"background",
                                                           "conversation",
                                                           "include",
                                                           "input",
                                                           "instructions",
                                                           "max_output_tokens",
                                                           "max_tool_calls",
                                                           "metadata",
                                                           "model",
                                                           "moderation",
                                                           "parallel_tool_calls",
                                                           "previous_response_id",
                                                           "prompt",
                                                           "prompt_cache_key",
                                                           "prompt_cache_options",
                                                           "prompt_cache_retention",
                                                           "reasoning",
                                                           "safety_identifier",
                                                           "service_tier",
                                                           "store",
                                                           "stream",
                                                           "stream_options",
                                                           "temperature",
                                                           "text",
                                                           "tool_choice",
                                                           "tools",
                                                           "top_logprobs",
                                                           "top_p",
                                                           "truncation",
                                                           "user"});

constexpr std::int64_t least_max_tokens = 16;

reply refusal(const incoming& request, const std::string& message, string_view param, const char* code) {
  auto body = openai_refusal(message, param);
  body["error"]["code"] = code;
  return json_reply(request, 400, body);
}

bool is_type(const json& item, string_view type) {
  return text_in(item, "type") == type;
}

bool is_message(const json& item) {
  return item.is_object() && item.contains("role") && (!item.contains("type") || is_type(item, "message"));
}

std::string place_of(std::size_t item) {
  return "input[" + std::to_string(item) + "]";
}

std::optional<reply> refuse_message(const incoming& request, const json& message, std::size_t at) {
  const auto who = text_in(message, "role");
  if (who != "user" && who != "assistant" && who != "system" && who != "developer")
    return refusal(request,
                   "Invalid value: '" + who
                     + "'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
                   place_of(at), "invalid_value");
  const auto& parts = list_in(message, "content");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto type = text_in(parts[i], "type");
    const bool is_assistant = who == "assistant";
    const bool fits = is_assistant ? type == "output_text" || type == "refusal"
                                   : type == "input_text" || type == "input_image" || type == "input_file";
    if (!fits)
      return refusal(request,
                     "Invalid value: '" + type + "'. Supported values are: "
                       + (is_assistant ? "'output_text' and 'refusal'."
                                       : "'input_text', 'input_image', and 'input_file'."),
                     place_of(at) + ".content[" + std::to_string(i) + "]", "invalid_value");
  }
  return std::nullopt;
}

/// Thoughts must be followed by what they led to.
bool leads_nowhere(const json& input, std::size_t at) {
  while (++at < input.size() && is_type(input[at], "reasoning")) {}
  return at == input.size()
         || !(is_type(input[at], "function_call")
              || (is_message(input[at]) && text_in(input[at], "role") == "assistant"));
}

std::optional<reply> refuse_item(const incoming& request, const json& input, std::size_t at,
                                 std::set<std::string>& open_calls) {
  const auto& item = input[at];
  if (is_message(item))
    return refuse_message(request, item, at);
  const auto type = text_in(item, "type");
  const auto call = text_in(item, "call_id");
  if (type == "function_call") {
    for (const auto* name : {"call_id", "name", "arguments"})
      if (!item.contains(name))
        return refusal(request, "Missing required parameter: '" + place_of(at) + "." + name + "'.",
                       place_of(at) + "." + name, "missing_required_parameter");
    open_calls.insert(call);
  } else if (type == "function_call_output") {
    if (open_calls.erase(call) == 0)
      return bad_request(request, "No tool call found for function call output with call_id " + call + ".",
                         "input");
  } else if (type == "reasoning") {
    const auto id = text_in(item, "id");
    if (leads_nowhere(input, at))
      return bad_request(
        request, "Item '" + id + "' of type 'reasoning' was provided without its required following item.",
        "input");
    if (text_in(item, "encrypted_content").empty() && list_in(item, "content").empty())
      return bad_request(request,
                         "Item with id '" + id
                           + "' not found. Items are not persisted when `store` is set to false. Try again "
                             "with `store` set to true, or remove this item from your input.",
                         "input");
  } else {
    return refusal(request, "Invalid value: '" + type + "'.", place_of(at), "invalid_value");
  }
  return std::nullopt;
}

std::optional<reply> refuse_input(const incoming& request) {
  const auto& input = request.messages();
  std::set<std::string> open_calls;
  for (std::size_t i = 0; i < input.size(); ++i)
    if (auto refusal = refuse_item(request, input, i, open_calls))
      return refusal;
  if (!open_calls.empty())
    return bad_request(request, "No tool output found for function call " + *open_calls.begin() + ".",
                       "input");
  return std::nullopt;
}

} // namespace

std::optional<reply> refuse_responses_body(const incoming& request) {
  const auto& body = request.body;
  if (!body.is_object())
    return bad_request(request, "We could not parse the JSON body of your request.");
  if (request.model.empty())
    return bad_request(request, "you must provide a model parameter");
  for (const auto& [name, value] : body.items())
    if (std::ranges::find(known_members, name) == known_members.end())
      return refusal(request, "Unknown parameter: '" + name + "'.", name, "unknown_parameter");
  if (!body.contains("input") || (!body["input"].is_array() && !body["input"].is_string()))
    return refusal(request, "Missing required parameter: 'input'.", "input", "missing_required_parameter");
  if (body["input"].empty())
    return bad_request(request, "Invalid 'input': empty array. Expected an array with minimum length 1.",
                       "input");
  if (const auto* cap = request.parameter("max_output_tokens");
      cap != nullptr && cap->is_number_integer() && *cap < least_max_tokens)
    return refusal(
      request,
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got "
        + cap->dump() + " instead.",
      "max_output_tokens", "integer_below_min_value");
  const auto& tools = list_in(body, "tools");
  for (std::size_t i = 0; i < tools.size(); ++i)
    if (is_type(tools[i], "function") && !tools[i].contains("name"))
      return refusal(request, "Missing required parameter: 'tools[" + std::to_string(i) + "].name'.",
                     "tools[" + std::to_string(i) + "].name", "missing_required_parameter");
  return refuse_input(request);
}

} // namespace magna::simulator
