#include <magna/actors/check_request.hpp>

#include <algorithm>

#include <magna/actors/printable.hpp>
#include <magna/actors/setting_ranges.hpp>
#include <magna/messages/utf8.hpp>

namespace magna {

namespace {

std::string join(const std::vector<std::string>& names) {
  std::string result;
  for (const auto& name : names)
    result += (result.empty() ? "" : ", ") + name;
  return result.empty() ? "none" : result;
}

} // namespace

std::optional<std::string> check_request(const request& what,
                                         const std::vector<std::string>& provider_names) {
  for (const auto& name : what.providers)
    if (std::find(provider_names.begin(), provider_names.end(), name) == provider_names.end())
      return "provider '" + printable(name) + "' is not configured; configured are: " + join(provider_names);
  if (!is_utf8(what.system_prompt))
    return "the system prompt is not UTF-8";
  if (!is_utf8(what.model))
    return "the model's name is not UTF-8";
  for (const auto& stop : what.params.stop)
    if (stop.empty() || !is_utf8(stop))
      return "a stop sequence is empty or not UTF-8";
  for (std::size_t i = 0; i < what.messages.size(); ++i)
    if (!is_utf8(what.messages[i].content))
      return "message " + std::to_string(i) + " is not UTF-8";
  const auto asks = [](const chat_message& x) { return x.from == role::user && !x.content.empty(); };
  if (std::none_of(what.messages.begin(), what.messages.end(), asks))
    return "the prompt is empty: at least one user message with text is needed";
  const auto& params = what.params;
  if (params.temperature && !(*params.temperature >= 0 && *params.temperature <= 2))
    return "temperature must be between 0 and 2";
  if (params.top_p && !(*params.top_p > 0 && *params.top_p <= 1))
    return "top_p must be more than 0 and at most 1";
  if (params.max_tokens && *params.max_tokens < 1)
    return "max_tokens must be at least 1";
  if (what.deadline && (what.deadline->count() <= 0 || *what.deadline > setting_ranges::deadline.max))
    return "the deadline must be more than 0 and at most 24 hours";
  return std::nullopt;
}

} // namespace magna
