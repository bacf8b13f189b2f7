// OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat, and what compatible servers
// make of it (llama.cpp, vLLM, Ollama's /v1, OpenRouter, Azure, Gemini's and Mistral's endpoints).

#include <magna/providers/protocols/codecs.hpp>

#include <utility>

#include <magna/providers/conversation.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/protocols/model_traits.hpp>
#include <magna/providers/protocols/openai_api.hpp>
#include <magna/providers/protocols/openai_decoder.hpp>
#include <magna/providers/schemas.hpp>

namespace magna {

namespace {

using nlohmann::json;
using openai_wire::extra_content;
using openai_wire::reasoning_content;
using openai_wire::reasoning_details;

// -- the way there ------------------------------------------------------------

// In call::refused, beside names of parameters: what this server wants to be asked in another way.

/// The answer's cap is above the model's own: the model's counts.
constexpr const char* high_cap = "high cap";
/// More than four stop sequences.
constexpr const char* long_stop = "long stop";
/// IDs of calls that are not nine letters or digits.
constexpr const char* long_ids = "long call ids";
/// Messages of one role behind each other.
constexpr const char* adjacent_messages = "adjacent messages";
/// A message with the role `system`.
constexpr const char* system_message = "system message";
/// The server refuses an assistant's message without thoughts, and calls without a signature.
constexpr const char* missing_reasoning = "missing reasoning_content";
constexpr const char* missing_signature = "missing thought_signature";
/// The same, and the server does not take the signature that there is.
constexpr const char* foreign_signatures = "foreign thought_signature";

/// OpenAI takes no more.
constexpr std::size_t most_stops = 4;

/// The name under which this model takes the cap, nothing if it has refused both. Not every server has the new name,
/// and Ollama for one ignores it.
const char* cap_name(const call& what, bool official) {
  if (what.refused.contains(high_cap))
    return nullptr;
  const char* first = official ? "max_completion_tokens" : "max_tokens";
  const char* second = official ? "max_tokens" : "max_completion_tokens";
  return !what.refused.contains(first) ? first : !what.refused.contains(second) ? second : nullptr;
}

/// A message with pictures has a list of parts, any other one a text.
json content_of(const told_message& message) {
  if (message.from == role::tool)
    return result_in_words(message);
  if (message.source->images.empty())
    return message.text;
  auto parts = json::array();
  if (!message.text.empty())
    parts.push_back({{"type", "text"}, {"text", message.text}});
  for (const auto& picture : message.source->images)
    parts.push_back({{"type", "image_url"},
                     {"image_url", {{"url", picture.url.empty() ? data_url(picture) : picture.url}}}});
  return parts;
}

/// What Gemini takes for a signature of a call that another provider's model made.
json foreign_signature() {
  return {{"google", {{"thought_signature", "skip_thought_signature_validator"}}}};
}

/// Adds the items of this protocol under their own names, unless the model has refused them.
void add_items(json& object, const call& what, const std::vector<opaque_item>& items) {
  for (const auto& item : items) {
    if (item.protocol != openai_wire::protocol_name || what.refused.contains(item.kind)
        || (item.kind == extra_content && what.refused.contains(foreign_signatures)))
      continue;
    if (item.kind == reasoning_content)
      object[item.kind] = item.data;
    else if (item.kind == reasoning_details || item.kind == extra_content)
      if (auto value = parse_any(item.data); !value.is_discarded())
        object[item.kind] = std::move(value);
  }
}

void add_calls(json& made, const call& what, const told_message& message) {
  for (const auto& called : message.calls) {
    json entry = {{"id", called.id},
                  {"type", "function"},
                  {"function", {{"name", called.name}, {"arguments", called.made->arguments}}}};
    add_items(entry, what, called.made->items);
    // Of calls that were made at once only the first is signed.
    if ((what.refused.contains(missing_signature) || what.refused.contains(foreign_signatures))
        && &called == &message.calls.front() && !entry.contains(extra_content))
      entry[extra_content] = foreign_signature();
    made["tool_calls"].push_back(std::move(entry));
  }
}

conversation_rules rules_for(const call& what, const openai_traits& traits) {
  // OpenAI's own limit, which others have taken over. LiteLLM keeps a signature in an ID.
  conversation_rules result{.longest_id = 40};
  if (!traits.official)
    result.readable_id = "__thought__";
  if (traits.nine_letter_ids || what.refused.contains(long_ids))
    result.exact_id = 9;
  return result;
}

/// Puts the content of one message behind that of another.
void join_content(json& to, json&& more) {
  if (to.is_string() && more.is_string()) {
    to = to.get<std::string>() + "\n\n" + more.get<std::string>();
    return;
  }
  const auto parts = [](json&& content) {
    return content.is_array() ? std::move(content)
                              : json::array({{{"type", "text"}, {"text", std::move(content)}}});
  };
  to = parts(std::move(to));
  for (auto& part : parts(std::move(more)))
    to.push_back(std::move(part));
}

/// The templates of some models take only turns.
void join_adjacent(json& messages) {
  auto result = json::array();
  for (auto& message : messages) {
    const bool is_same = !result.empty() && message["role"] != "tool"
                         && result.back()["role"] == message["role"] && !result.back().contains("tool_calls")
                         && !message.contains("tool_calls");
    if (is_same)
      join_content(result.back()["content"], std::move(message["content"]));
    else
      result.push_back(std::move(message));
  }
  messages = std::move(result);
}

json make_messages(const call& what, const openai_traits& traits) {
  auto messages = json::array();
  // Not every compatible server knows `developer`, and OpenAI takes `system` for it.
  if (auto system = system_text(what.question); !system.empty())
    messages.push_back(
      {{"role", what.refused.contains(system_message) ? "user" : "system"}, {"content", std::move(system)}});
  for (const auto& message : tell_conversation(what.question, rules_for(what, traits))) {
    // Member by member: a list of pairs is built, looked through and copied first.
    auto& made = messages.emplace_back(json::object());
    made["role"] = to_string(message.from);
    made["content"] = content_of(message);
    if (message.from == role::tool)
      made["tool_call_id"] = message.call_id;
    add_calls(made, what, message);
    if (!message.calls.empty() && message.text.empty())
      made["content"] = nullptr;
    if (message.from != role::assistant)
      continue;
    add_items(made, what, message.source->items);
    if (what.refused.contains(missing_reasoning) && !made.contains(reasoning_content))
      made[reasoning_content] = "";
  }
  if (what.refused.contains(adjacent_messages) || what.refused.contains(system_message))
    join_adjacent(messages);
  return messages;
}

void add_tools(json& body, const call& what, const parameters& params) {
  const auto& question = what.question;
  if (!sends_tools(question))
    return;
  for (const auto& tool : question.tools) {
    auto schema = schema_of(tool);
    json function = {{"name", tool.name}};
    if (!tool.description.empty())
      function["description"] = tool.description;
    if (tool.strict && !what.refused.contains("strict") && (!*tool.strict || openai_can_be_strict(schema)))
      function["strict"] = *tool.strict;
    function["parameters"] = std::move(schema);
    body["tools"].push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  put_unless_refused(body, what, "parallel_tool_calls", params.parallel_tool_calls);
  if (question.tool_choice == tool_choice::named)
    body["tool_choice"] = {{"type", "function"}, {"function", {{"name", question.required_tool}}}};
  else if (question.tool_choice != tool_choice::automatic)
    body["tool_choice"] = to_string(question.tool_choice);
}

void add_format(json& body, const call& what) {
  if (what.question.format == answer_format::json) {
    body["response_format"] = {{"type", "json_object"}};
  } else if (what.question.format == answer_format::json_schema) {
    auto schema = parse_object(what.question.json_schema);
    const bool strict = openai_can_be_strict(schema) && !what.refused.contains("strict");
    body["response_format"] = {
      {"type", "json_schema"},
      {"json_schema", {{"name", "answer"}, {"schema", std::move(schema)}, {"strict", strict}}}};
  }
}

/// How much the model is to think.
void add_effort(json& body, const call& what, const parameters& params, const openai_traits& traits) {
  const bool has_tools = body.contains("tools");
  const bool takes_none = traits.efforts.has(reasoning_effort::none);
  const bool is_refused = what.refused.contains("reasoning_effort");
  // Models that refuse tools while they reason take them when they are told not to.
  if (has_tools && takes_none && (is_refused || traits.with_tools == effort_with_tools::none)) {
    body["reasoning_effort"] = "none";
    return;
  }
  if (params.effort == reasoning_effort::none && traits.has_thinking_switch) {
    if (!what.refused.contains("thinking"))
      body["thinking"] = {{"type", "disabled"}};
    return;
  }
  if (!params.effort || is_refused || (has_tools && traits.with_tools == effort_with_tools::absent))
    return;
  if (const auto level = traits.efforts.nearest(*params.effort))
    body["reasoning_effort"] = to_string(*level);
}

// -- the codecs ---------------------------------------------------------------

protocol_info describe(std::string_view kind, std::string title) {
  auto result = describe_openai(kind, std::move(title));
  result.items_of = openai_wire::protocol_name;
  auto& errors = result.errors;
  for (const auto* name : {"top_k", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort",
                           "thinking", "stream_options", "parallel_tool_calls", "strict", "prompt_cache_key",
                           "verbosity", "service_tier", reasoning_content, reasoning_details, extra_content})
    errors.parameters.push_back({name, name});
  errors.histories = {{"reasoning_content` in the thinking mode must be passed back", missing_reasoning},
                      {"missing a thought_signature", missing_signature},
                      {"corrupted thought signature", foreign_signatures, false},
                      // Mistral's, and vLLM's and llama.cpp's with its templates.
                      {"with a length of 9", long_ids},
                      {"alphanumeric strings with length 9", long_ids},
                      {"roles must alternate", adjacent_messages},
                      {"system role not supported", system_message},
                      {"does not support 'system'", system_message},
                      {"'stop': array too long", long_stop},
                      {"'stop' : maximum number of items", long_stop},
                      // OpenAI's, Groq's, DeepSeek's, Qwen's.
                      {"max_tokens is too large", high_cap, false},
                      {"max_completion_tokens is too large", high_cap, false},
                      {"max_tokens` must be less than or equal to", high_cap, false},
                      {"max_completion_tokens` must be less than or equal to", high_cap, false},
                      {"the valid range of max_tokens is", high_cap, false},
                      {"range of max_tokens should be", high_cap, false},
                      // Models that search take no sampling, and have words of their own for it.
                      {"incompatible request argument supplied: temperature", "temperature"},
                      {"incompatible request argument supplied: top_p", "top_p"},
                      {"incompatible request argument supplied: seed", "seed"},
                      {"incompatible request argument supplied: stop", "stop"}};
  return result;
}

class openai_chat : public openai_codec {
public:
  explicit openai_chat(protocol_info about) : openai_codec(std::move(about)) {}

protected:
  const char* answers_path() const noexcept final { return "/chat/completions"; }

  std::unique_ptr<response_decoder> make_answer_decoder(bool stream) const final {
    return make_openai_decoder(about(), stream);
  }

  json answer_body(const call& what) const final {
    const auto traits = openai_traits_of(what.model, what.where.base_url);
    const auto params = effective_parameters(what, wants_sampling(what.model));
    json body;
    body["model"] = what.model;
    body["messages"] = make_messages(what, traits);
    add_tools(body, what, params);
    add_format(body, what);
    put_unless_refused(body, what, "temperature", params.temperature);
    put_unless_refused(body, what, "top_p", params.top_p);
    if (!traits.official)
      put_unless_refused(body, what, "top_k", params.top_k);
    if (const auto* name = cap_name(what, traits.official); name != nullptr && params.max_tokens)
      body[name] = *params.max_tokens;
    put_unless_refused(body, what, "stop",
                       traits.official || what.refused.contains(long_stop) ? first_of(params.stop, most_stops)
                                                                           : params.stop);
    put_unless_refused(body, what, "seed", params.seed);
    if (!params.prompt_cache_key.empty() && !what.refused.contains("prompt_cache_key"))
      body["prompt_cache_key"] = params.prompt_cache_key;
    add_effort(body, what, params, traits);
    if (what.stream) {
      body["stream"] = true;
      if (!what.refused.contains("stream_options"))
        body["stream_options"]["include_usage"] = true;
    }
    return body;
  }
};

/// The kind `openai`. Its own protocol is the one that most servers speak.
class openai final : public openai_chat {
public:
  openai() : openai_chat(describe()) {}

  const codec& at(std::string_view base_url) const override {
    return is_openai_address(base_url) ? static_cast<const codec&>(*responses_) : *this;
  }

private:
  static protocol_info describe() {
    auto result = magna::describe(provider_kind::openai, "OpenAI");
    result.key_variable = "OPENAI_API_KEY";
    result.url_variable = "OPENAI_BASE_URL";
    result.header_variables = {{"OPENAI_ORG_ID", "OpenAI-Organization"},
                               {"OPENAI_PROJECT_ID", "OpenAI-Project"}};
    result.model_variable = "OPENAI_MODEL";
    return result;
  }

  const std::shared_ptr<const codec> responses_ = make_openai_responses_codec();
};

} // namespace

std::shared_ptr<const codec> make_openai_codec() {
  return std::make_shared<const openai>();
}

std::shared_ptr<const codec> make_openai_chat_codec() {
  return std::make_shared<const openai_chat>(describe(provider_kind::openai_chat, "OpenAI chat completions"));
}

} // namespace magna
