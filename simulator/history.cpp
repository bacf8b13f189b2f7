#include <magna/simulator/history.hpp>

#include <magna/simulator/history_form.hpp>
#include <magna/simulator/manners.hpp>

#include <algorithm>

namespace magna::simulator {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// What a call of another server may carry in place of the signature that it has not.
constexpr std::string_view dummy_signature = "skip_thought_signature_validator";

const json& member_of(const json& object, const char* name) {
  static const json none;
  return object.is_object() && object.contains(name) ? object[name] : none;
}

bool is_assistant(const json& message) {
  return text_in(message, "role") == "assistant";
}

/// An entry of the `tool_calls` of OpenAI's and Ollama's messages. OpenAI's arguments are a text of JSON.
past_call read_tool_call(const json& entry) {
  const auto& function = member_of(entry, "function");
  const auto& arguments = member_of(function, "arguments");
  return {text_in(entry, "id"), text_in(function, "name"),
          arguments.is_string() ? json::parse(arguments.get<std::string>(), nullptr, false) : arguments};
}

/// Whether all calls of the message are foreign, or the message has what came with them.
template <class Fits>
bool is_complete(const json& message, const incoming& request, wanted item, const handouts& given,
                 Fits fits) {
  return std::ranges::all_of(list_in(message, "tool_calls"), [&](const json& entry) {
    const auto made = given.of_call(request, item, read_tool_call(entry));
    return made.empty() || std::ranges::any_of(made, [&](const handout* one) { return fits(*one); });
  });
}

// -- OpenAI ------------------------------------------------------------------

reply unknown_member(const incoming& request, const std::string& name, std::size_t index) {
  return json_reply(request, 400,
                    {{"error",
                      {{"message", "property '" + name + "' is unsupported"},
                       {"type", "invalid_request_error"},
                       {"param", "messages." + std::to_string(index)}}}});
}

std::optional<reply> refuse_unknown_members(const incoming& request) {
  const auto& messages = request.messages();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    for (const auto* name : {"reasoning_content", "reasoning", "reasoning_details"})
      if (messages[i].contains(name))
        return unknown_member(request, name, i);
    for (const auto& call : list_in(messages[i], "tool_calls"))
      if (call.contains("extra_content"))
        return unknown_member(request, "extra_content", i);
  }
  return std::nullopt;
}

/// DeepSeek wants the member in every message of the assistant; its content matters where calls were made.
std::optional<reply> refuse_reasoning_content(const incoming& request, const handouts& given) {
  for (const auto& message : request.messages()) {
    if (!is_assistant(message))
      continue;
    const auto reasoning = text_in(message, "reasoning_content");
    const auto fits = [&](const handout& made) { return made.reasoning == reasoning; };
    if (!member_of(message, "reasoning_content").is_string()
        || !is_complete(message, request, wanted::reasoning_content, given, fits))
      return json_reply(
        request, 400,
        {{"error",
          {{"message", "The `reasoning_content` in the thinking mode must be passed back to the API."},
           {"type", "invalid_request_error"},
           {"param", nullptr},
           {"code", "invalid_request_error"}}}});
  }
  return std::nullopt;
}

/// The client may send the details as they were streamed, or joined.
std::optional<reply> refuse_reasoning_details(const incoming& request, const handouts& given) {
  const auto& messages = request.messages();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::string text;
    std::string signature;
    for (const auto& detail : list_in(messages[i], "reasoning_details")) {
      text += text_in(detail, "text");
      signature += text_in(detail, "signature");
    }
    const auto fits = [&](const handout& made) {
      return made.reasoning == text && made.signature == signature;
    };
    if (is_assistant(messages[i])
        && !is_complete(messages[i], request, wanted::reasoning_details, given, fits))
      return json_reply(request, 400,
                        {{"error",
                          {{"message", "messages." + std::to_string(i)
                                         + ": `reasoning_details` must be passed back unmodified with "
                                           "the tool calls that they came with."},
                           {"code", 400}}}});
  }
  return std::nullopt;
}

// -- Gemini, by its own protocol and by OpenAI's ------------------------------

/// The first call of a message, which has to be signed.
struct signed_call {
  past_call call;
  std::string signature;
  std::size_t position; ///< Of the message among Gemini's contents, from 1.
};

std::vector<signed_call> gemini_calls(const incoming& request) {
  std::vector<signed_call> result;
  std::size_t position = 0;
  for (const auto& content : request.messages()) {
    ++position;
    const auto& parts = list_in(content, "parts");
    const auto part =
      std::ranges::find_if(parts, [](const json& one) { return one.contains("functionCall"); });
    if (part == parts.end())
      continue;
    const auto& call = (*part)["functionCall"];
    result.push_back({{text_in(call, "id"), text_in(call, "name"), member_of(call, "args")},
                      text_in(*part, "thoughtSignature"),
                      position});
  }
  return result;
}

std::vector<signed_call> openai_calls(const incoming& request) {
  std::vector<signed_call> result;
  std::size_t position = 0;
  for (const auto& message : request.messages()) {
    const auto role = text_in(message, "role");
    // These become Gemini's system instruction, which is no content.
    if (role != "system" && role != "developer")
      ++position;
    const auto& calls = list_in(message, "tool_calls");
    if (!calls.empty())
      result.push_back(
        {read_tool_call(calls[0]),
         text_in(member_of(member_of(calls[0], "extra_content"), "google"), "thought_signature"), position});
  }
  return result;
}

bool is_right(const signed_call& one, const incoming& request, const handouts& given) {
  const auto made = given.of_call(request, wanted::thought_signature, one.call);
  if (made.empty())
    return one.signature == dummy_signature || one.signature == plain_signature;
  return std::ranges::any_of(made, [&](const handout* item) { return item->signature == one.signature; });
}

/// Gemini's endpoint for OpenAI's protocol sends its errors as a list.
reply gemini_refusal(const incoming& request, const std::string& message) {
  const ordered_json body = {
    {"error", {{"code", 400}, {"message", message}, {"status", "INVALID_ARGUMENT"}}}};
  return json_reply(request, 400, request.kind == protocol::gemini ? body : ordered_json::array({body}));
}

std::optional<reply> refuse_signatures(const incoming& request, const handouts& given) {
  for (const auto& one : request.kind == protocol::gemini ? gemini_calls(request) : openai_calls(request)) {
    if (one.signature.empty())
      return gemini_refusal(
        request, "Function call is missing a thought_signature in functionCall parts. This is required for "
                 "tools to work correctly, and missing thought_signature may lead to degraded model "
                 "performance. Additional data, function call `default_api:"
                   + one.call.name + "` , position " + std::to_string(one.position) + ".");
    if (!is_right(one, request, given))
      return gemini_refusal(request, "Corrupted thought signature.");
  }
  return std::nullopt;
}

// -- Anthropic ---------------------------------------------------------------

/// Whether the block is as it came. One of another server is not.
bool is_unmodified(const json& thinking, const incoming& request, const handouts& given) {
  const auto signature = text_in(thinking, "signature");
  const auto* made = given.of_signature(request, wanted::thinking, signature);
  return signature == plain_signature
         || (made != nullptr && made->reasoning == text_in(thinking, "thinking"));
}

bool is_thinking(const json& block) {
  return text_in(block, "type") == "thinking";
}

/// Whether the call is foreign, or its thinking is among the blocks before it.
bool follows_thinking(const json& content, json::const_iterator call, const incoming& request,
                      const handouts& given) {
  const auto made = given.of_call(request, wanted::thinking,
                                  {text_in(*call, "id"), text_in(*call, "name"), member_of(*call, "input")});
  return made.empty() || std::ranges::any_of(made, [&](const handout* one) {
           return std::any_of(content.begin(), call, [&](const json& block) {
             return is_thinking(block) && text_in(block, "signature") == one->signature;
           });
         });
}

reply invalid_signature(const incoming& request, const std::string& content, std::ptrdiff_t index) {
  return bad_request(request,
                     content + "." + std::to_string(index) + ": Invalid `signature` in `thinking` block");
}

/// The refusal of a call without its own thinking before it; that of another answer may stand there.
reply missing_thinking(const incoming& request, const std::string& where, const json& content) {
  const auto first = std::find_if(content.begin(), content.end(), is_thinking);
  if (first != content.end())
    return invalid_signature(request, where, first - content.begin());
  return bad_request(request,
                     where + ".0.type: Expected `thinking` or `redacted_thinking`, but found `"
                       + text_in(content[0], "type")
                       + "`. When `thinking` is enabled, a final `assistant` message must start with a "
                         "thinking block (preceeding the lastmost set of `tool_use` and `tool_result` "
                         "blocks).");
}

std::optional<reply> refuse_thinking_in(const json& content, const std::string& where,
                                        const incoming& request, const handouts& given) {
  for (auto block = content.begin(); block != content.end(); ++block) {
    if (is_thinking(*block) && !is_unmodified(*block, request, given))
      return invalid_signature(request, where, block - content.begin());
    if (text_in(*block, "type") == "tool_use" && !follows_thinking(content, block, request, given))
      return missing_thinking(request, where, content);
  }
  return std::nullopt;
}

std::optional<reply> refuse_thinking_blocks(const incoming& request, const handouts& given) {
  const auto& messages = request.messages();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_assistant(messages[i]))
      continue;
    if (auto refusal = refuse_thinking_in(list_in(messages[i], "content"),
                                          "messages." + std::to_string(i) + ".content", request, given))
      return refusal;
  }
  return std::nullopt;
}

// -- Ollama ------------------------------------------------------------------

std::optional<reply> refuse_ollama_thinking(const incoming& request, const handouts& given) {
  const auto& messages = request.messages();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto thinking = text_in(messages[i], "thinking");
    const auto fits = [&](const handout& made) { return made.reasoning == thinking; };
    if (is_assistant(messages[i]) && !is_complete(messages[i], request, wanted::thinking, given, fits))
      return bad_request(request, "invalid message " + std::to_string(i)
                                    + ": thinking must be sent back with the tool calls that it came with");
  }
  return std::nullopt;
}

} // namespace

std::optional<reply> refuse_gemini_history(const incoming& request, const step& options,
                                           const handouts& given) {
  return options.wants == wanted::thought_signature ? refuse_signatures(request, given) : std::nullopt;
}

std::optional<reply> refuse_openai_history(const incoming& request, const step& options,
                                           const handouts& given) {
  if (options.strict)
    return refuse_unknown_members(request);
  switch (options.wants) {
    case wanted::reasoning_content:
      return refuse_reasoning_content(request, given);
    case wanted::reasoning_details:
      return refuse_reasoning_details(request, given);
    case wanted::thought_signature:
      return refuse_signatures(request, given);
    default:
      return std::nullopt;
  }
}

std::optional<reply> refuse_anthropic_history(const incoming& request, const step& options,
                                              const handouts& given) {
  return options.wants == wanted::thinking ? refuse_thinking_blocks(request, given) : std::nullopt;
}

std::optional<reply> refuse_ollama_history(const incoming& request, const step& options,
                                           const handouts& given) {
  return options.wants == wanted::thinking ? refuse_ollama_thinking(request, given) : std::nullopt;
}

std::optional<reply> refuse_history(const incoming& request, const step& options, const handouts& given) {
  if (request.what != operation::generate)
    return std::nullopt;
  if (const auto problem = problem_with_history(request.kind, request.body))
    return bad_request(request, *problem);
  return traits_of(request.kind).refuse_history(request, options, given);
}

} // namespace magna::simulator
