// OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat, and what compatible servers
// make of it (llama.cpp, vLLM, Ollama's /v1, OpenRouter, Azure, Gemini's and Mistral's endpoints).

#include <magna/providers/protocols/codecs.hpp>

#include <utility>

#include <magna/providers/encoding.hpp>
#include <magna/providers/protocols/openai_api.hpp>
#include <magna/providers/protocols/openai_decoder.hpp>
#include <magna/providers/protocols/openai_models.hpp>

namespace magna {

namespace {

using nlohmann::json;
using openai_wire::extra_content;
using openai_wire::reasoning_content;
using openai_wire::reasoning_details;

// -- the way there ------------------------------------------------------------

/// The name under which this model takes the cap, nothing if it has refused both.
const char* cap_name(const call& what, bool official) {
  const char* first = official ? "max_completion_tokens" : "max_tokens";
  const char* second = official ? "max_tokens" : "max_completion_tokens";
  return !what.refused.contains(first) ? first : !what.refused.contains(second) ? second : nullptr;
}

/// A message with pictures has a list of parts, any other one a text.
json content_of(const chat_message& message) {
  if (message.images.empty())
    return message.content;
  auto parts = json::array();
  if (!message.content.empty())
    parts.push_back({{"type", "text"}, {"text", message.content}});
  for (const auto& picture : message.images)
    parts.push_back({{"type", "image_url"},
                     {"image_url", {{"url", picture.url.empty() ? data_url(picture) : picture.url}}}});
  return parts;
}

/// In call::refused: the server refuses an assistant's message without thoughts, and calls without a signature.
constexpr const char* missing_reasoning = "missing reasoning_content";
constexpr const char* missing_signature = "missing thought_signature";
/// The same, and the server does not take the signature that there is.
constexpr const char* foreign_signatures = "foreign thought_signature";

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

void add_calls(json& made, const call& what, const chat_message& message) {
  for (const auto& called : message.tool_calls) {
    json entry = {{"id", called.id},
                  {"type", "function"},
                  {"function", {{"name", called.name}, {"arguments", called.arguments}}}};
    add_items(entry, what, called.items);
    // Of calls that were made at once only the first is signed.
    if ((what.refused.contains(missing_signature) || what.refused.contains(foreign_signatures))
        && &called == &message.tool_calls.front() && !entry.contains(extra_content))
      entry[extra_content] = foreign_signature();
    made["tool_calls"].push_back(std::move(entry));
  }
}

json make_messages(const call& what) {
  auto messages = json::array();
  // Not every compatible server knows `developer`, and OpenAI takes `system` for it.
  if (auto system = system_text(what.question); !system.empty())
    messages.push_back({{"role", "system"}, {"content", std::move(system)}});
  for (const auto& message : what.question.messages) {
    if (message.from == role::system)
      continue;
    // Member by member: a list of pairs is built, looked through and copied first.
    auto& made = messages.emplace_back(json::object());
    made["role"] = to_string(message.from);
    made["content"] = content_of(message);
    if (message.from == role::tool)
      made["tool_call_id"] = message.tool_call_id;
    add_calls(made, what, message);
    if (!message.tool_calls.empty() && message.content.empty())
      made["content"] = nullptr;
    if (message.from == role::assistant)
      add_items(made, what, message.items);
    if (message.from == role::assistant && what.refused.contains(missing_reasoning)
        && !made.contains(reasoning_content))
      made[reasoning_content] = "";
  }
  return messages;
}

void add_tools(json& body, const request& question) {
  if (!sends_tools(question))
    return;
  for (const auto& tool : question.tools) {
    json function = {{"name", tool.name}, {"parameters", schema_of(tool)}};
    if (!tool.description.empty())
      function["description"] = tool.description;
    body["tools"].push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  if (question.tool_choice == tool_choice::named)
    body["tool_choice"] = {{"type", "function"}, {"function", {{"name", question.required_tool}}}};
  else if (question.tool_choice != tool_choice::automatic)
    body["tool_choice"] = to_string(question.tool_choice);
}

void add_format(json& body, const request& question) {
  if (question.format == answer_format::json) {
    body["response_format"] = {{"type", "json_object"}};
  } else if (question.format == answer_format::json_schema) {
    auto schema = parse_object(question.json_schema);
    const bool strict = can_be_strict(schema);
    body["response_format"] = {
      {"type", "json_schema"},
      {"json_schema", {{"name", "answer"}, {"schema", std::move(schema)}, {"strict", strict}}}};
  }
}

// -- the codecs ---------------------------------------------------------------

protocol_info describe(std::string_view kind, std::string title) {
  auto result = describe_openai(kind, std::move(title));
  result.items_of = openai_wire::protocol_name;
  auto& errors = result.errors;
  errors.parameters.insert(errors.parameters.end(), {{"max_tokens", "max_tokens"},
                                                     {"max_completion_tokens", "max_completion_tokens"},
                                                     {"stop", "stop"},
                                                     {"seed", "seed"},
                                                     {"reasoning_effort", "reasoning_effort"},
                                                     {"stream_options", "stream_options"},
                                                     {reasoning_content, reasoning_content},
                                                     {reasoning_details, reasoning_details},
                                                     {extra_content, extra_content}});
  errors.histories = {{"reasoning_content` in the thinking mode must be passed back", missing_reasoning},
                      {"missing a thought_signature", missing_signature},
                      {"corrupted thought signature", foreign_signatures, false}};
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
    const auto model = openai_model_of(what.model);
    json body;
    body["model"] = what.model;
    body["messages"] = make_messages(what);
    add_tools(body, what.question);
    add_format(body, what.question);
    const auto params = effective_parameters(what, model.takes_sampling);
    put_unless_refused(body, what, "temperature", params.temperature);
    put_unless_refused(body, what, "top_p", params.top_p);
    if (const auto* name = cap_name(what, model.official); name != nullptr && params.max_tokens)
      body[name] = *params.max_tokens;
    put_unless_refused(body, what, "stop", params.stop);
    put_unless_refused(body, what, "seed", params.seed);
    put_unless_refused(body, what, "reasoning_effort", effort_name(params));
    // Models that refuse tools while they reason take them when they are told not to.
    if (body.contains("tools") && what.refused.contains("reasoning_effort"))
      body["reasoning_effort"] = "none";
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
