// Anthropic's Messages API, https://docs.anthropic.com/en/api/messages, and the servers that speak it.

#include <magna/providers/protocols/codecs.hpp>

#include <algorithm>

#include <magna/providers/encoding.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/anthropic_decoder.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

using anthropic_wire::protocol_name;
using anthropic_wire::thinking_item;
using nlohmann::json;

// -- the way there ------------------------------------------------------------

/// The API takes no request without a cap. magna's default for all providers, for who uses the codec alone.
constexpr std::uint32_t default_max_tokens = 2048;

/// In call::refused: the conversation has thoughts of a model that this server does not know.
constexpr const char* foreign_thinking = "foreign thinking";

/// Adds the blocks of thoughts that the model wants to see again.
void add_thoughts(json& blocks, const call& what, const std::vector<opaque_item>& items) {
  if (what.refused.contains(foreign_thinking))
    return;
  for (const auto& item : items)
    if (item.protocol == protocol_name && item.kind == thinking_item)
      if (auto block = parse_object(item.data); !block.empty())
        blocks.push_back(std::move(block));
}

json text_block(std::string_view text) {
  return {{"type", "text"}, {"text", text}};
}

/// The blocks that one message makes; none if it says nothing.
json blocks_of(const call& what, const chat_message& message) {
  auto blocks = json::array();
  if (message.from == role::tool) {
    json result = {{"type", "tool_result"}, {"tool_use_id", message.tool_call_id}};
    if (!message.content.empty())
      result["content"] = message.content;
    if (message.is_error)
      result["is_error"] = true;
    blocks.push_back(std::move(result));
    return blocks;
  }
  for (const auto& picture : message.images) {
    json source = picture.url.empty()
                    ? json{{"type", "base64"}, {"media_type", picture.mime_type}, {"data", picture.data}}
                    : json{{"type", "url"}, {"url", picture.url}};
    blocks.push_back({{"type", "image"}, {"source", std::move(source)}});
  }
  // Thoughts stand first, as the API wants it; alone they are no message.
  if (!message.content.empty() || !message.tool_calls.empty())
    add_thoughts(blocks, what, message.items);
  if (!message.content.empty())
    blocks.push_back(text_block(message.content));
  for (const auto& call : message.tool_calls) {
    add_thoughts(blocks, what, call.items);
    blocks.push_back(
      {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", parse_object(call.arguments)}});
  }
  return blocks;
}

/// The beginning of an answer that the model is to go on with must not end in white space.
void trim_prefill(json& messages) {
  if (messages.empty() || messages.back()["role"] != "assistant")
    return;
  auto& last = messages.back()["content"].back();
  if (last["type"] != "text")
    return;
  const auto text = last["text"].get<std::string>();
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos)
    messages.erase(messages.size() - 1);
  else
    last["text"] = text.substr(0, end + 1);
}

/// User and assistant in turns, the user first, and nobody says nothing.
json make_messages(const call& what) {
  auto messages = json::array();
  const auto turn = [&messages](const char* who) -> json& {
    if (messages.empty() || messages.back()["role"] != who)
      messages.push_back({{"role", who}, {"content", json::array()}});
    return messages.back()["content"];
  };
  for (const auto& message : what.question.messages) {
    auto blocks = message.from == role::system ? json::array() : blocks_of(what, message);
    if (blocks.empty())
      continue;
    if (messages.empty() && message.from == role::assistant)
      turn("user").push_back(text_block("(The assistant speaks first.)"));
    auto& content = turn(message.from == role::assistant ? "assistant" : "user");
    for (auto& block : blocks)
      content.push_back(std::move(block));
  }
  trim_prefill(messages);
  return messages;
}

/// "For 'object' type, 'additionalProperties' must be explicitly set to false": an object that says nothing
/// of others gets none. What fits the narrower schema fits the one that was asked for.
void close_objects(json& schema) {
  if (schema.is_array())
    for (auto& each : schema)
      close_objects(each);
  if (!schema.is_object())
    return;
  const auto type = schema.find("type");
  const bool is_object =
    type != schema.end()
    && (*type == "object" || (type->is_array() && std::ranges::find(*type, "object") != type->end()));
  if (is_object && !schema.contains("additionalProperties"))
    schema["additionalProperties"] = false;
  // Only where schemas stand: what is listed in an enum, say, is data.
  for (const auto* name : {"items", "anyOf", "oneOf"})
    if (const auto inner = schema.find(name); inner != schema.end())
      close_objects(*inner);
  for (const auto* name : {"properties", "$defs", "definitions"})
    if (const auto named = schema.find(name); named != schema.end() && named->is_object())
      for (auto& each : *named)
        close_objects(each);
}

void add_format(json& body, const request& question) {
  if (question.format != answer_format::json_schema)
    return;
  auto schema = parse_object(question.json_schema);
  close_objects(schema);
  body["output_config"]["format"] = {{"type", "json_schema"}, {"schema", std::move(schema)}};
}

void add_tools(json& body, const request& question) {
  if (!sends_tools(question))
    return;
  for (const auto& tool : question.tools) {
    json made = {{"name", tool.name}, {"input_schema", schema_of(tool)}};
    if (!tool.description.empty())
      made["description"] = tool.description;
    body["tools"].push_back(std::move(made));
  }
  switch (question.tool_choice) {
    case tool_choice::automatic:
      break;
    case tool_choice::none:
      body["tool_choice"] = {{"type", "none"}};
      break;
    case tool_choice::required:
      body["tool_choice"] = {{"type", "any"}};
      break;
    case tool_choice::named:
      body["tool_choice"] = {{"type", "tool"}, {"name", question.required_tool}};
      break;
  }
}

// -- both ---------------------------------------------------------------------

protocol_info describe() {
  return {.kind = protocol_name,
          .title = "Anthropic",
          .default_base_url = "https://api.anthropic.com",
          .default_model = "claude-sonnet-4-6",
          .key_variable = "ANTHROPIC_API_KEY",
          .url_variable = "ANTHROPIC_BASE_URL",
          .model_variable = "ANTHROPIC_MODEL",
          .auth = auth_scheme::x_api_key,
          .can = {feature::tools, feature::required_tool, feature::json_schema, feature::image_data,
                  feature::image_url},
          .errors = {// All that a 404 says: "model: claude-x".
                     .phrases = {{verdict::no_model, "model: claude"}},
                     .statuses = {{"invalid_request_error", 400},
                                  {"authentication_error", 401},
                                  {"billing_error", 402},
                                  {"permission_error", 403},
                                  {"not_found_error", 404},
                                  {"request_too_large", 413},
                                  {"rate_limit_error", 429},
                                  {"api_error", 500},
                                  {"timeout_error", 504},
                                  {"overloaded_error", 529}},
                     // "`temperature` and `top_p` cannot both be specified": the temperature stays.
                     .parameters = {{"temperature` and `top_p", "top_p"},
                                    {"temperature", "temperature"},
                                    {"top_p", "top_p"},
                                    {"stop_sequences", "stop_sequences"},
                                    {"effort", "effort"}},
                     .histories = {{"invalid `signature` in `thinking`", foreign_thinking, false}}}};
}

class anthropic final : public json_codec {
public:
  anthropic() : json_codec(describe()) {}

  std::unique_ptr<response_decoder> make_decoder(job_kind, bool stream) const override {
    return make_anthropic_decoder(about(), stream);
  }

protected:
  std::string path_of(const call&) const override { return "/v1/messages"; }

  json body_of(const call& what) const override {
    json body;
    body["model"] = what.model;
    auto messages = make_messages(what);
    auto system = system_text(what.question);
    // A request needs messages; instructions alone become one.
    if (messages.empty())
      messages.push_back({{"role", "user"}, {"content", json::array({text_block(system)})}});
    else if (!system.empty())
      body["system"] = std::move(system);
    body["messages"] = std::move(messages);
    // The newest models refuse every sampling parameter: none is sent that the user did not ask for.
    auto params = effective_parameters(what, false);
    // Others take twice as much.
    if (params.temperature)
      params.temperature = std::min(*params.temperature, 1.0);
    put_unless_refused(body, what, "temperature", params.temperature);
    put_unless_refused(body, what, "top_p", params.top_p);
    put_unless_refused(body, what, "stop_sequences", params.stop);
    body["max_tokens"] = params.max_tokens.value_or(default_max_tokens);
    add_tools(body, what.question);
    add_format(body, what.question);
    if (const auto effort = effort_name(params); effort && !what.refused.contains("effort"))
      body["output_config"]["effort"] = *effort;
    if (what.stream)
      body["stream"] = true;
    return body;
  }

  void add_headers(http_headers& headers, const endpoint& where) const override {
    headers.emplace_back("anthropic-version", "2023-06-01");
    json_codec::add_headers(headers, where);
  }

  /// The model's own page shows that both the key and the model are good.
  std::string probe_path(std::string_view model) const override {
    return model.empty() ? "/v1/models?limit=1" : "/v1/models/" + percent_encode(model);
  }

  std::optional<response_error> judge_document(const json& document, std::string_view model) const override {
    // It stays in the catalogue, and requests for it fail.
    if (find_string(document, "lifecycle") == "retired")
      return missing_model("the model " + std::string{model} + " is retired");
    return std::nullopt;
  }
};

} // namespace

std::shared_ptr<const codec> make_anthropic_codec() {
  return std::make_shared<const anthropic>();
}

} // namespace magna
