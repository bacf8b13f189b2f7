#include <magna/providers/encoding.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <magna/providers/conversation.hpp>
#include <magna/providers/errors/error_mapping.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/json_depth.hpp>

namespace magna {

namespace {

/// As RFC 7396 has it, but `null` stays, for the document that it all is merged into.
void merge_into(nlohmann::json& base, nlohmann::json&& patch) {
  for (auto& [name, value] : patch.items()) {
    auto& known = base[name];
    if (known.is_object() && value.is_object())
      merge_into(known, std::move(value));
    else
      known = std::move(value);
  }
}

} // namespace

std::string system_text(const request& question) {
  std::string result;
  const auto add = [&result](const std::string& text) {
    if (is_blank(text))
      return;
    if (!result.empty())
      result += "\n\n";
    result += text;
  };
  add(question.system_prompt);
  for (const auto& message : question.messages)
    if (message.from == role::system)
      add(message.content);
  return result;
}

parameters effective_parameters(const call& what, bool takes_sampling) {
  auto result = what.params;
  const auto& defaults = what.defaults;
  if (takes_sampling && !result.temperature)
    result.temperature = defaults.temperature;
  if (takes_sampling && !result.top_p)
    result.top_p = defaults.top_p;
  if (!result.max_tokens)
    result.max_tokens = defaults.max_tokens;
  if (result.stop.empty())
    result.stop = defaults.stop;
  if (!result.seed)
    result.seed = defaults.seed;
  return result;
}

std::vector<std::string> first_of(const std::vector<std::string>& stop, std::size_t most) {
  return {stop.begin(), stop.begin() + static_cast<std::ptrdiff_t>(std::min(most, stop.size()))};
}

void add_extra_headers(http_headers& headers, const endpoint& where) {
  for (const auto& extra : where.extra_headers) {
    const auto name = to_lower(extra.first);
    std::erase_if(headers, [&](const auto& header) { return to_lower(header.first) == name; });
    headers.push_back(extra);
  }
}

nlohmann::json parse_any(std::string_view text) {
  return is_too_deep(text) ? nlohmann::json(nlohmann::json::value_t::discarded)
                           : nlohmann::json::parse(text, nullptr, false);
}

nlohmann::json parse_object(std::string_view text) {
  auto result = parse_any(text);
  return result.is_object() ? result : nlohmann::json::object();
}

std::string merge_objects(std::initializer_list<std::string_view> texts) {
  std::string_view only;
  std::size_t count = 0;
  for (const auto text : texts)
    if (!text.empty()) {
      only = text;
      ++count;
    }
  if (count < 2)
    return std::string{only};
  auto result = nlohmann::json::object();
  for (const auto text : texts)
    if (!text.empty())
      merge_into(result, parse_object(text));
  return dump(result);
}

std::string_view called_tool(const request& question, std::size_t index) noexcept {
  // IDs may come again in another turn: the nearest call is meant.
  for (auto i = index; i-- > 0;)
    for (const auto& call : question.messages[i].tool_calls)
      if (call.id == question.messages[index].tool_call_id)
        return call.name;
  return {};
}

std::string data_url(const image& picture) {
  return "data:" + picture.mime_type + ";base64," + picture.data;
}

bool sends_tools(const request& question) noexcept {
  const auto is_part = [](const chat_message& x) { return x.from == role::tool || !x.tool_calls.empty(); };
  return !question.tools.empty()
         && (question.tool_choice != tool_choice::none || std::ranges::any_of(question.messages, is_part));
}

std::optional<std::string> effort_name(const parameters& params) {
  return params.effort ? std::optional{to_string(*params.effort)} : std::nullopt;
}

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<response_error> read_probe(const protocol_info& about, const http_head& head,
                                         std::string_view body, nlohmann::json& document) {
  const auto now = std::chrono::system_clock::now();
  if (head.status < 200 || head.status >= 300)
    return map_error_response(about, head, body, now);
  auto parsed = looks_like_html(body) ? std::nullopt : parse_json(body);
  if (!parsed || !parsed->value.is_object()) {
    response_error error;
    error.message =
      "the response is no list of models: " + (trim(body).empty() ? "it is empty" : summarize_text(body));
    error.http_status = head.status;
    return error;
  }
  if (const auto facts = find_error(parsed->value, parsed->has_halves))
    return map_error(about, head, *facts, now);
  document = std::move(parsed->value);
  return std::nullopt;
}

response_error missing_model(std::string message) {
  response_error error;
  error.code = errc::model_not_found;
  error.message = std::move(message);
  error.http_status = 200;
  return error;
}

} // namespace magna
