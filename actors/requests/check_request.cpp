#include <magna/actors/requests/check_request.hpp>

#include <algorithm>
#include <set>
#include <string_view>

#include <magna/actors/setting_table.hpp>
#include <magna/providers/extra_body.hpp>
#include <magna/providers/parsing/json_check.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace ranges = setting_ranges;

namespace {

/// As many as a request may have attempts.
constexpr std::size_t most_targets = 100;

/// So that the vectors fit one message between nodes.
constexpr std::size_t most_inputs = 2'048;
constexpr std::uint32_t most_dimensions = 65'536;

constexpr std::size_t most_cache_key = 512;

std::string join(const std::vector<std::string>& names) {
  std::string result;
  for (const auto& name : names)
    result += (result.empty() ? "" : ", ") + name;
  return result.empty() ? "none" : result;
}

using problem = std::optional<std::string>;

bool is_tool_name(std::string_view text) {
  return is_name(text, "_-", 64);
}

bool is_base64(std::string_view text) {
  const auto padding = text.find_last_not_of('=');
  return padding != std::string_view::npos && text.size() - padding <= 3 && text.size() % 4 == 0
         && is_name(text.substr(0, padding + 1), "+/", text.size());
}

bool is_mime_type(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size()
         && is_name(text, "/-+.", text.size());
}

bool is_web_url(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://"))
         && std::ranges::all_of(text, is_graphic);
}

problem check_image(const image& what) {
  if (what.url.empty() == what.data.empty())
    return "an image needs either data or a URL";
  if (!what.url.empty())
    return is_web_url(what.url) ? problem{} : "the URL of an image must be http or https";
  if (!is_mime_type(what.mime_type))
    return "an image needs a MIME type such as image/png";
  return is_base64(what.data) ? problem{} : "the data of an image is not base64";
}

bool are_utf8(const std::vector<opaque_item>& items) {
  return std::ranges::all_of(
    items, [](const opaque_item& x) { return is_utf8(x.protocol) && is_utf8(x.kind) && is_utf8(x.data); });
}

problem check_message(const chat_message& what) {
  if (!is_utf8(what.content))
    return "is not UTF-8";
  if (!what.images.empty() && what.from != role::user)
    return "has images, but only the user's may";
  for (const auto& picture : what.images)
    if (const auto error = check_image(picture))
      return "can't be used: " + *error;
  if (!what.tool_calls.empty() && what.from != role::assistant)
    return "has calls of tools, but only the assistant's may";
  for (const auto& call : what.tool_calls)
    // A model may have called what is no tool: what it said can be said again.
    if (call.id.empty() || !is_utf8(call.id) || call.name.empty() || !is_utf8(call.name)
        || !are_utf8(call.items) || !is_json_object(call.arguments) || !is_utf8(call.arguments))
      return "has a call of a tool without an ID, without a name, or whose arguments are no JSON object";
  if (!what.items.empty() && what.from != role::assistant)
    return "has items of a model, but only the assistant's may";
  if (!are_utf8(what.items))
    return "has an item that is not UTF-8";
  if ((what.from == role::tool) != !what.tool_call_id.empty())
    return "needs the ID of the call that it answers with role tool, and with no other";
  if (what.is_error && what.from != role::tool)
    return "says that a call has failed, but only role tool may";
  return is_utf8(what.tool_call_id) ? problem{} : "names a call that is not UTF-8";
}

/// A result without its call means nothing to a model, and providers refuse it. A call without a result is one that was
/// not carried out: the model can be told so.
problem check_results(const std::vector<chat_message>& messages) {
  std::set<std::string_view> calls;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    for (const auto& call : messages[i].tool_calls)
      calls.insert(call.id);
    if (messages[i].from == role::tool && !calls.contains(messages[i].tool_call_id))
      return "message " + std::to_string(i) + " is the result of the call '"
             + printable(messages[i].tool_call_id) + "', and no message before it has that call";
  }
  return std::nullopt;
}

problem check_tools(const request& what) {
  std::set<std::string_view> names;
  for (const auto& tool : what.tools) {
    if (!is_tool_name(tool.name))
      return "the name of the tool '" + printable(tool.name) + "' must be 1 to 64 of [A-Za-z0-9_-]";
    if (!names.insert(tool.name).second)
      return "there are two tools called '" + tool.name + "'";
    if (!is_utf8(tool.description))
      return "the description of the tool '" + tool.name + "' is not UTF-8";
    if (!tool.parameters.empty() && (!is_utf8(tool.parameters) || !is_json_object(tool.parameters)))
      return "the parameters of the tool '" + tool.name + "' are no JSON schema: an object is needed";
  }
  if (what.tool_choice == tool_choice::required && what.tools.empty())
    return "a call of a tool is required, but there are no tools";
  if (what.tool_choice == tool_choice::named && !names.contains(what.required_tool))
    return "the required tool '" + printable(what.required_tool) + "' is none of the tools";
  return std::nullopt;
}

problem check_format(const request& what) {
  const bool has_schema = is_utf8(what.json_schema) && is_json_object(what.json_schema);
  if (what.format == answer_format::json_schema && !has_schema)
    return "the JSON schema of the answer is no JSON object";
  return std::nullopt;
}

problem check_inputs(const request& what) {
  if (what.inputs.empty() || what.inputs.size() > most_inputs)
    return "an embedding needs 1 to " + std::to_string(most_inputs) + " inputs, and has "
           + std::to_string(what.inputs.size());
  for (std::size_t i = 0; i < what.inputs.size(); ++i)
    if (what.inputs[i].empty() || !is_utf8(what.inputs[i]))
      return "input " + std::to_string(i) + " is empty or not UTF-8";
  if (what.dimensions && (*what.dimensions == 0 || *what.dimensions > most_dimensions))
    return "dimensions must be from 1 to " + std::to_string(most_dimensions);
  if (what.deadline && !setting_ranges::deadline.contains(in_seconds(*what.deadline)))
    return "the deadline must be " + std::string{setting_ranges::deadline.text};
  return std::nullopt;
}

problem check_parameters(const parameters& params) {
  if (params.temperature && !ranges::temperature.contains(*params.temperature))
    return "temperature must be " + std::string{ranges::temperature.text};
  if (params.top_p && !ranges::top_p.contains(*params.top_p))
    return "top_p must be " + std::string{ranges::top_p.text};
  if (params.top_k && !ranges::top_k.contains(*params.top_k))
    return "top_k must be " + std::string{ranges::top_k.text};
  if (params.max_tokens && !ranges::max_tokens.contains(*params.max_tokens))
    return "max_tokens must be " + std::string{ranges::max_tokens.text};
  if (!params.extra_body.empty())
    if (const auto what = problem_with_extra_body(params.extra_body))
      return "extra_body " + *what;
  if (!is_cache_key(params.prompt_cache_key))
    return "prompt_cache_key must be UTF-8 of at most 512 bytes";
  return std::nullopt;
}

} // namespace

bool is_cache_key(std::string_view text) {
  return text.size() <= most_cache_key && is_utf8(text);
}

std::optional<std::string> check_request(const request& what,
                                         const std::vector<std::string>& provider_names) {
  if (what.targets.size() > most_targets)
    return "a request names at most " + std::to_string(most_targets) + " targets";
  for (const auto& [name, model] : what.targets) {
    if (std::find(provider_names.begin(), provider_names.end(), name) == provider_names.end())
      return "provider '" + printable(name) + "' is not configured; configured are: " + join(provider_names);
    if (!is_utf8(model))
      return "the model's name is not UTF-8";
  }
  if (!is_utf8(what.system_prompt))
    return "the system prompt is not UTF-8";
  if (!is_utf8(what.model))
    return "the model's name is not UTF-8";
  for (const auto& stop : what.params.stop)
    if (stop.empty() || !is_utf8(stop))
      return "a stop sequence is empty or not UTF-8";
  for (std::size_t i = 0; i < what.messages.size(); ++i)
    if (const auto error = check_message(what.messages[i]))
      return "message " + std::to_string(i) + " " + *error;
  if (auto error = check_results(what.messages))
    return error;
  if (auto error = check_tools(what))
    return error;
  if (auto error = check_format(what))
    return error;
  if (what.job == job_kind::embedding)
    return check_inputs(what);
  if (!what.inputs.empty())
    return "there are inputs, but the request is no embedding";
  const auto asks = [](const chat_message& x) {
    return x.from == role::user && (!x.content.empty() || !x.images.empty());
  };
  if (std::none_of(what.messages.begin(), what.messages.end(), asks))
    return "the prompt is empty: at least one user message with text or an image is needed";
  if (auto error = check_parameters(what.params))
    return error;
  if (what.max_attempts && !ranges::max_attempts.contains(*what.max_attempts))
    return "max_attempts must be " + std::string{ranges::max_attempts.text};
  if (what.deadline && !ranges::deadline.contains(in_seconds(*what.deadline)))
    return "the deadline must be " + std::string{ranges::deadline.text};
  return std::nullopt;
}

} // namespace magna
