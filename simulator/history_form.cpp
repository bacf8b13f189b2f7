#include <magna/simulator/history_form.hpp>

#include <magna/simulator/incoming.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>
#include <vector>

namespace magna::simulator {

namespace {

using nlohmann::json;
using problem = std::optional<std::string>;

bool has_only(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [more](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != std::string_view::npos;
  });
}

bool is_between(std::size_t size, std::size_t least, std::size_t most) {
  return size >= least && size <= most;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::string at(const std::string& list, std::size_t index) {
  return list + "." + std::to_string(index);
}

std::string join(const std::set<std::string>& names) {
  std::string result;
  for (const auto& name : names)
    result += (result.empty() ? "" : ", ") + name;
  return result;
}

/// The blocks of a kind in a message of Anthropic's.
std::vector<const json*> blocks_in(const json& message, std::string_view type) {
  std::vector<const json*> result;
  for (const auto& block : list_in(message, "content"))
    if (text_in(block, "type") == type)
      result.push_back(&block);
  return result;
}

/// The parts of Gemini's that have this member.
std::vector<const json*> parts_in(const json& content, const char* name) {
  std::vector<const json*> result;
  for (const auto& part : list_in(content, "parts"))
    if (part.is_object() && part.contains(name))
      result.push_back(&part[name]);
  return result;
}

// -- OpenAI ------------------------------------------------------------------

problem openai_call(const json& call, const std::string& where, std::set<std::string>& ids,
                    std::set<std::string>& open) {
  const auto id = text_in(call, "id");
  if (!is_between(id.size(), 1, 40))
    return "Invalid '" + where
           + ".id': string too long. Expected a string with maximum length 40, but got a string with "
             "length "
           + std::to_string(id.size()) + " instead.";
  if (!ids.insert(id).second)
    return "Duplicate value for '" + where + ".id': " + id;
  open.insert(id);
  const auto& function = call.contains("function") ? call["function"] : json();
  const auto name = text_in(function, "name");
  if (!is_between(name.size(), 1, 64) || !has_only(name, "_-"))
    return "Invalid '" + where
           + ".function.name': string does not match pattern. Expected a string that matches the "
             "pattern '^[a-zA-Z0-9_-]+$'.";
  if (!function.contains("arguments") || !function["arguments"].is_string())
    return "Invalid type for '" + where + ".function.arguments': expected a string.";
  return std::nullopt;
}

problem responses_problem(const json& body) {
  std::set<std::string> ids;
  std::set<std::string> open;
  for (const auto& item : list_in(body, "input")) {
    const auto id = text_in(item, "call_id");
    if (text_in(item, "type") == "function_call") {
      if (!is_between(id.size(), 1, 64))
        return "Invalid 'input[].call_id': string too long. Expected a string with maximum length 64.";
      if (!ids.insert(id).second)
        return "Duplicate item found with call_id " + id;
      const auto name = text_in(item, "name");
      if (!is_between(name.size(), 1, 64) || !has_only(name, "_-"))
        return "Invalid 'input[].name': string does not match pattern. Expected a string that matches the "
               "pattern "
               "'^[a-zA-Z0-9_-]+$'.";
      open.insert(id);
    } else if (text_in(item, "type") == "function_call_output" && open.erase(id) == 0) {
      return "No tool call found for function call output with call_id " + id + ".";
    }
  }
  return open.empty() ? problem{} : "No tool output found for function call " + *open.begin() + ".";
}

problem openai_content(const json& message, const std::string& where) {
  const auto found = message.find("content");
  const bool calls = !list_in(message, "tool_calls").empty();
  if (found == message.end() || found->is_null())
    return calls ? problem{} : "Invalid value for 'content': expected a string, got null.";
  if (!found->is_string() && (!found->is_array() || found->empty()))
    return "Invalid '" + where + ".content': expected a string or a list that is not empty.";
  return std::nullopt;
}

problem openai_problem(const json& body) {
  std::set<std::string> ids;
  std::set<std::string> open;
  bool may_have_results = false;
  const auto unanswered = [&open] {
    return "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
           "'tool_call_id'. "
           "The following tool_call_ids did not have response messages: "
           + join(open);
  };
  const auto& messages = list_in(body, "messages");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& message = messages[i];
    const auto where = "messages[" + std::to_string(i) + "]";
    if (auto wrong = openai_content(message, where))
      return wrong;
    if (text_in(message, "role") == "tool") {
      if (!may_have_results || open.erase(text_in(message, "tool_call_id")) == 0)
        return "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
               "'tool_calls'.";
      continue;
    }
    if (!open.empty())
      return unanswered();
    const auto& calls = list_in(message, "tool_calls");
    for (std::size_t k = 0; k < calls.size(); ++k)
      if (auto wrong = openai_call(calls[k], where + ".tool_calls[" + std::to_string(k) + "]", ids, open))
        return wrong;
    may_have_results = !calls.empty();
  }
  return open.empty() ? problem{} : unanswered();
}

// -- Anthropic ---------------------------------------------------------------

problem anthropic_block(const json& block, const std::string& where, bool is_user,
                        std::set<std::string>& ids) {
  const auto type = text_in(block, "type");
  if (type == "text" && text_in(block, "text").empty())
    return "messages: text content blocks must be non-empty";
  if (type == "text" && is_blank(text_in(block, "text")))
    return "messages: text content blocks must contain non-whitespace text";
  if (is_user ? type == "tool_use" || type == "thinking" : type == "tool_result" || type == "image")
    return where + ": `" + type + "` blocks can not be in " + (is_user ? "`user`" : "`assistant`")
           + " messages";
  if (type != "tool_use")
    return std::nullopt;
  const auto id = text_in(block, "id");
  if (id.empty() || !has_only(id, "_-"))
    return where + ".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
  if (!ids.insert(id).second)
    return "messages: `tool_use` ids must be unique";
  const auto name = text_in(block, "name");
  if (!is_between(name.size(), 1, 128) || !has_only(name, "_-"))
    return where + ".tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
  if (!block.contains("input") || !block["input"].is_object())
    return where + ".tool_use.input: Input should be a valid dictionary";
  return std::nullopt;
}

/// The results in a message answer the calls in the one before it, each once, and stand before all else.
problem anthropic_results(const json* before, const json& message, std::size_t index) {
  std::set<std::string> open;
  if (before != nullptr)
    for (const auto* call : blocks_in(*before, "tool_use"))
      open.insert(text_in(*call, "id"));
  const auto results = blocks_in(message, "tool_result");
  for (const auto* result : results)
    if (const auto id = text_in(*result, "tool_use_id"); open.erase(id) == 0)
      return at("messages", index) + ".content: unexpected `tool_use_id` found in `tool_result` blocks: " + id
             + ". Each `tool_result` block must have a corresponding `tool_use` block in the previous "
               "message.";
  const auto& content = list_in(message, "content");
  for (std::size_t i = 0; i < results.size(); ++i)
    if (text_in(content[i], "type") != "tool_result")
      open.insert(text_in(*results[i], "tool_use_id"));
  if (!open.empty())
    return at("messages", index)
           + ": `tool_use` ids were found without `tool_result` blocks immediately after: " + join(open)
           + ". Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
  return std::nullopt;
}

problem anthropic_problem(const json& body) {
  std::set<std::string> ids;
  const auto& messages = list_in(body, "messages");
  const json* before = nullptr;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& message = messages[i];
    const bool is_user = text_in(message, "role") == "user";
    if (before == nullptr ? !is_user : text_in(*before, "role") == text_in(message, "role"))
      return "messages: roles must alternate between \"user\" and \"assistant\", the user's first";
    const auto& content = list_in(message, "content");
    for (std::size_t k = 0; k < content.size(); ++k)
      if (auto wrong = anthropic_block(content[k], at(at("messages", i) + ".content", k), is_user, ids))
        return wrong;
    if (auto wrong = anthropic_results(before, message, i))
      return wrong;
    before = &message;
  }
  if (before == nullptr || text_in(*before, "role") == "user")
    return std::nullopt;
  if (const auto& last = list_in(*before, "content"); !last.empty()) {
    const auto text = text_in(last.back(), "text");
    if (!text.empty() && is_blank(text.substr(text.size() - 1)))
      return "messages: final assistant content cannot end with trailing whitespace";
  }
  return anthropic_results(before, json::object(), messages.size());
}

// -- Gemini ------------------------------------------------------------------

bool is_gemini_name(const std::string& name) {
  return is_between(name.size(), 1, 64) && has_only(name, "_.:-")
         && (name[0] == '_' || std::isalpha(static_cast<unsigned char>(name[0])) != 0);
}

problem gemini_parts(const json& content, std::set<std::string>& ids, signatures wanted) {
  const auto& parts = list_in(content, "parts");
  if (parts.empty())
    return "* GenerateContentRequest.contents.parts: contents.parts must not be empty.";
  bool is_signed = false;
  for (const auto& part : parts) {
    if (part.contains("text") && text_in(part, "text").empty())
      return "Unable to submit request because it must have a text parameter.";
    for (const auto* kind : {"functionCall", "functionResponse"})
      if (part.contains(kind) && !is_gemini_name(text_in(part[kind], "name")))
        return "Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, "
               "A-Z, 0-9), "
               "underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.";
    if (!part.contains("functionCall"))
      continue;
    const auto id = text_in(part["functionCall"], "id");
    if (!id.empty() && !ids.insert(id).second)
      return "Duplicate id of a function call: " + id;
    is_signed = is_signed || !text_in(part, "thoughtSignature").empty();
    if (wanted == signatures::are_wanted && !is_signed)
      return "Function call is missing a thought_signature in functionCall parts.";
  }
  return std::nullopt;
}

problem gemini_results(const json* before, const json& content) {
  std::multiset<std::string> calls;
  std::multiset<std::string> results;
  if (before != nullptr)
    for (const auto* call : parts_in(*before, "functionCall"))
      calls.insert(text_in(*call, "name") + " " + text_in(*call, "id"));
  for (const auto* result : parts_in(content, "functionResponse"))
    results.insert(text_in(*result, "name") + " " + text_in(*result, "id"));
  if (calls != results)
    return "Please ensure that the number of function response parts is equal to the number of function call "
           "parts of "
           "the function call turn.";
  return std::nullopt;
}

problem gemini_problem(const json& body, signatures wanted) {
  std::set<std::string> ids;
  const json* before = nullptr;
  for (const auto& content : list_in(body, "contents")) {
    const auto who = text_in(content, "role") == "model" ? "model" : "user";
    if (before == nullptr ? who != std::string_view{"user"}
                          : who == std::string_view{text_in(*before, "role") == "model" ? "model" : "user"})
      return "Please ensure that multiturn requests alternate between user and model.";
    if (auto wrong = gemini_parts(content, ids, wanted))
      return wrong;
    if (auto wrong = gemini_results(before, content))
      return wrong;
    before = &content;
  }
  return before == nullptr ? problem{} : gemini_results(before, json::object());
}

// -- Ollama ------------------------------------------------------------------

problem ollama_problem(const json& body) {
  for (const auto& message : list_in(body, "messages")) {
    const auto role = text_in(message, "role");
    if (role != "system" && role != "user" && role != "assistant" && role != "tool")
      return "invalid role: " + role;
    for (const auto& call : list_in(message, "tool_calls"))
      if (!call.contains("function") || !call["function"].contains("arguments")
          || !call["function"]["arguments"].is_object())
        return "json: cannot unmarshal string into Go struct field "
               "ToolCallFunction.messages.tool_calls.function.arguments";
  }
  return std::nullopt;
}

} // namespace

problem problem_with_history(protocol kind, const json& body, signatures wanted) {
  switch (kind) {
    case protocol::openai:
      return openai_problem(body);
    case protocol::anthropic:
      return anthropic_problem(body);
    case protocol::gemini:
      return gemini_problem(body, wanted);
    case protocol::openai_responses:
      return responses_problem(body);
    case protocol::ollama:
      break;
  }
  return ollama_problem(body);
}

} // namespace magna::simulator
