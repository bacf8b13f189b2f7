// OpenAI Responses: https://platform.openai.com/docs/api-reference/responses, and the servers that speak the same
// (Azure, xAI, Bedrock Mantle, OpenRouter, Ollama's /v1). Nothing is stored there: each call brings the whole
// conversation, and with it the thoughts that belong to its calls and texts.

#include <magna/providers/protocols/codecs.hpp>

#include <algorithm>
#include <utility>

#include <magna/providers/conversation.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/openai_api.hpp>
#include <magna/providers/protocols/openai_models.hpp>
#include <magna/providers/protocols/responses_decoder.hpp>
#include <magna/providers/schemas.hpp>

namespace magna {

namespace {

using nlohmann::json;
using responses_wire::phase_item;
using responses_wire::protocol_name;
using responses_wire::reasoning_item;

/// The API refuses a smaller cap.
constexpr std::uint32_t least_max_tokens = 16;

/// In call::refused: the conversation has thoughts that this model can't read.
constexpr const char* foreign_reasoning = "foreign reasoning";

// -- the conversation -----------------------------------------------------------

/// Whether the server can have made these thoughts, as far as is known.
bool takes_reasoning(const call& what, const json& item) {
  // What is encrypted is only there where it was asked for.
  return !what.refused.contains("include") || !item.contains("encrypted_content");
}

/// Adds the thoughts that stood before a text or a call.
void add_reasoning(json& input, const call& what, const std::vector<opaque_item>& items) {
  if (what.refused.contains(foreign_reasoning) || !openai_model_of(what.model).reasons)
    return;
  for (const auto& item : items)
    if (item.protocol == protocol_name && item.kind == reasoning_item)
      if (auto value = parse_object(item.data); !value.empty() && takes_reasoning(what, value))
        input.push_back(std::move(value));
}

json message_item(const char* who, json content) {
  return {{"type", "message"}, {"role", who}, {"content", std::move(content)}};
}

json text_part(const char* type, std::string_view text) {
  return {{"type", type}, {"text", text}};
}

void add_user(json& input, const told_message& message) {
  auto content = json::array();
  const auto& images = message.source->images;
  if (!message.text.empty() || images.empty())
    content.push_back(text_part("input_text", message.text));
  for (const auto& picture : images)
    content.push_back(
      {{"type", "input_image"}, {"image_url", picture.url.empty() ? data_url(picture) : picture.url}});
  input.push_back(message_item("user", std::move(content)));
}

void add_assistant(json& input, const call& what, const told_message& message) {
  // Thoughts alone lead to nothing, which the API refuses.
  if (message.text.empty() && message.calls.empty())
    return;
  const auto& items = message.source->items;
  add_reasoning(input, what, items);
  if (!message.text.empty()) {
    auto made = message_item("assistant", json::array({text_part("output_text", message.text)}));
    for (const auto& item : items)
      if (item.protocol == protocol_name && item.kind == phase_item && !what.refused.contains(phase_item))
        made[phase_item] = item.data;
    input.push_back(std::move(made));
  }
  for (const auto& called : message.calls) {
    add_reasoning(input, what, called.made->items);
    input.push_back({{"type", "function_call"},
                     {"call_id", called.id},
                     {"name", called.name},
                     {"arguments", called.made->arguments}});
  }
}

json make_input(const call& what) {
  auto input = json::array();
  // As a message, and not as `instructions`, which xAI does not take.
  if (const auto system = system_text(what.question); !system.empty())
    input.push_back(message_item("system", json::array({text_part("input_text", system)})));
  for (const auto& message : tell_conversation(what.question, {.id_characters = "_-", .longest_id = 64})) {
    if (message.from == role::tool)
      input.push_back({{"type", "function_call_output"},
                       {"call_id", message.call_id},
                       {"output", result_in_words(message)}});
    else if (message.from == role::assistant)
      add_assistant(input, what, message);
    else
      add_user(input, message);
  }
  return input;
}

// -- what steers the model ------------------------------------------------------

/// `strict` always goes along: the API takes its absence for true.
void add_tools(json& body, const call& what) {
  const auto& question = what.question;
  if (!sends_tools(question))
    return;
  for (const auto& tool : question.tools) {
    auto schema = schema_of(tool);
    json made = {{"type", "function"}, {"name", tool.name}};
    if (!what.refused.contains("strict"))
      made["strict"] = tool.strict.value_or(true) && openai_can_be_strict(schema);
    made["parameters"] = std::move(schema);
    if (!tool.description.empty())
      made["description"] = tool.description;
    body["tools"].push_back(std::move(made));
  }
  if (question.tool_choice == tool_choice::named)
    body["tool_choice"] = {{"type", "function"}, {"name", question.required_tool}};
  else if (question.tool_choice != tool_choice::automatic)
    body["tool_choice"] = to_string(question.tool_choice);
  put_unless_refused(body, what, "parallel_tool_calls", what.params.parallel_tool_calls);
}

void add_format(json& body, const request& question) {
  if (question.format == answer_format::json) {
    body["text"]["format"] = {{"type", "json_object"}};
  } else if (question.format == answer_format::json_schema) {
    auto schema = parse_object(question.json_schema);
    const bool strict = openai_can_be_strict(schema);
    body["text"]["format"] = {
      {"type", "json_schema"}, {"name", "answer"}, {"schema", std::move(schema)}, {"strict", strict}};
  }
}

/// What the model is told about its thoughts. Returns whether it is told not to think.
bool add_reasoning_wishes(json& body, const call& what, const openai_model& model) {
  if (!model.reasons)
    return false;
  if (!what.refused.contains("include"))
    body["include"] = json::array({"reasoning.encrypted_content"});
  if (what.question.stream_reasoning && !what.refused.contains("summary"))
    body["reasoning"]["summary"] = "auto";
  if (!what.params.effort || what.refused.contains("effort"))
    return false;
  const auto effort = nearest_effort(*what.params.effort, model.efforts);
  body["reasoning"]["effort"] = to_string(effort);
  return effort == reasoning_effort::none;
}

protocol_info describe() {
  auto result = describe_openai(provider_kind::openai_responses, "OpenAI Responses");
  auto& errors = result.errors;
  errors.codes = {{"invalid_encrypted_content", errc::invalid_request},
                  {"bio_policy", errc::content_filtered},
                  {"misalignment_policy_violation", errc::content_filtered},
                  {"image_content_policy_violation", errc::content_filtered},
                  {"data_residency_mismatch", errc::authentication_failed},
                  {"vector_store_timeout", errc::timeout}};
  // What is said of an image inside a stream, where no HTTP status says whose fault it is.
  for (const auto* code : {"invalid_image", "invalid_image_format", "invalid_image_mode", "invalid_image_url",
                           "invalid_base64_image", "image_too_large", "image_too_small",
                           "image_file_too_large", "image_parse_error", "image_file_not_found",
                           "empty_image_file", "unsupported_image_media_type", "failed_to_download_image"})
    errors.codes.push_back({code, errc::invalid_request});
  errors.statuses = {{"invalid_request_error", 400}, {"authentication_error", 401},
                     {"permission_error", 403},      {"not_found_error", 404},
                     {"rate_limit_error", 429},      {"too_many_requests", 429}};
  errors.parameters.insert(errors.parameters.end(), {{"max_output_tokens", "max_output_tokens"},
                                                     {"include", "include"},
                                                     {"Encrypted content", "include"},
                                                     {"effort", "effort"},
                                                     {"reasoning value", "effort"},
                                                     {"summary", "summary"},
                                                     {"summaries", "summary"},
                                                     {"parallel_tool_calls", "parallel_tool_calls"},
                                                     {"prompt_cache_key", "prompt_cache_key"},
                                                     {"strict", "strict"},
                                                     {"store", "store"},
                                                     {phase_item, phase_item}});
  // The conversation has thoughts of another model's, another account's, or without what they led to.
  for (const auto* phrase : {"could not be verified", "could not be decrypted", "could not decrypt",
                             "encrypted_content was not issued", "without its required following item",
                             "items are not persisted when `store` is set to false"})
    errors.histories.push_back({phrase, foreign_reasoning, false});
  return result;
}

class openai_responses final : public openai_codec {
public:
  openai_responses() : openai_codec(describe()) {}

protected:
  const char* answers_path() const noexcept override { return "/responses"; }

  std::unique_ptr<response_decoder> make_answer_decoder(bool stream) const override {
    return make_responses_decoder(about(), stream);
  }

  json answer_body(const call& what) const override {
    const auto model = openai_model_of(what.model);
    json body;
    body["model"] = what.model;
    body["input"] = make_input(what);
    if (!what.refused.contains("store"))
      body["store"] = false;
    add_tools(body, what);
    add_format(body, what.question);
    const bool thinks = !add_reasoning_wishes(body, what, model) && model.official && model.reasons;
    const auto params = effective_parameters(what, model.takes_sampling);
    if (!thinks) {
      put_unless_refused(body, what, "temperature", params.temperature);
      put_unless_refused(body, what, "top_p", params.top_p);
    }
    if (params.max_tokens && !what.refused.contains("max_output_tokens"))
      body["max_output_tokens"] = std::max(*params.max_tokens, least_max_tokens);
    if (!params.prompt_cache_key.empty() && !what.refused.contains("prompt_cache_key"))
      body["prompt_cache_key"] = params.prompt_cache_key;
    if (what.stream)
      body["stream"] = true;
    return body;
  }
};

} // namespace

std::shared_ptr<const codec> make_openai_responses_codec() {
  return std::make_shared<const openai_responses>();
}

} // namespace magna
