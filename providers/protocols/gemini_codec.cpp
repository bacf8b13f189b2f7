// Gemini: https://ai.google.dev/api/generate-content. `store` is never sent: older endpoints answer unknown
// fields with HTTP 400.

#include <magna/providers/protocols/codecs.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

#include <magna/providers/conversation.hpp>
#include <magna/providers/embedding_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/known_hosts.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/gemini_decoder.hpp>
#include <magna/providers/protocols/model_traits.hpp>
#include <magna/providers/url.hpp>

namespace magna {

namespace {

using gemini_wire::protocol_name;
using gemini_wire::signature_item;
using nlohmann::json;

// -- the way there ------------------------------------------------------------

/// In call::refused: the conversation has signatures that this server does not know.
constexpr const char* foreign_signatures = "foreign thoughtSignature";

constexpr conversation_rules rules{.name_characters = "_-.:", .name_begins_with_letter = true};

/// Gemini takes no more.
constexpr std::size_t most_stops = 5;

/// The last signature among items; empty if there is none that the server takes.
std::string_view signature_of(const call& what, const std::vector<opaque_item>& items) {
  std::string_view result;
  if (what.refused.contains(foreign_signatures))
    return result;
  for (const auto& item : items)
    if (item.protocol == protocol_name && item.kind == signature_item)
      result = item.data;
  return result;
}

json text_content(std::string_view role, std::string_view text) {
  return {{"role", role}, {"parts", json::array({{{"text", text}}})}};
}

/// What Gemini takes for a signature of a call that another provider's model made.
constexpr std::string_view foreign_signature = "skip_thought_signature_validator";

/// The parts that one message makes.
json parts_of(const call& what, const told_message& message) {
  auto parts = json::array();
  // Vertex AI knows no IDs of calls, and refuses them.
  const auto with_id = [&](json part, const std::string& id) {
    if (!is_vertex(what.where.base_url))
      part["id"] = id;
    return part;
  };
  if (message.from == role::tool) {
    parts.push_back({{"functionResponse",
                      with_id({{"name", message.call_name},
                               {"response", {{message.source->is_error ? "error" : "output", message.text}}}},
                              message.call_id)}});
    return parts;
  }
  if (!message.text.empty())
    parts.push_back({{"text", message.text}});
  if (const auto signature = signature_of(what, message.source->items); !signature.empty() && !parts.empty())
    parts.back()["thoughtSignature"] = signature;
  for (const auto& picture : message.source->images)
    parts.push_back({{"inlineData", {{"mimeType", picture.mime_type}, {"data", picture.data}}}});
  bool is_first = true;
  for (const auto& call : message.calls) {
    json part = {{"functionCall",
                  with_id({{"name", call.name}, {"args", parse_object(call.made->arguments)}}, call.id)}};
    // Of calls that were made at once only the first is signed.
    if (const auto signature = signature_of(what, call.made->items); !signature.empty())
      part["thoughtSignature"] = signature;
    else if (is_first)
      part["thoughtSignature"] = foreign_signature;
    is_first = false;
    parts.push_back(std::move(part));
  }
  return parts;
}

/// Only "user" and "model" may speak, in turns, the user first.
json make_contents(const call& what) {
  auto contents = json::array();
  for (const auto& message : tell_conversation(what.question, rules)) {
    auto parts = parts_of(what, message);
    const auto* who = message.from == role::assistant ? "model" : "user";
    if (contents.empty() && message.from == role::assistant)
      contents.push_back(text_content("user", "(The assistant speaks first.)"));
    if (!contents.empty() && contents.back()["role"] == who)
      for (auto& part : parts)
        contents.back()["parts"].push_back(std::move(part));
    else
      contents.push_back({{"role", who}, {"parts", std::move(parts)}});
  }
  return contents;
}

/// Instructions stand apart where the model takes them so, else at the beginning of what the user says first.
void add_contents(json& body, const call& what, bool takes_system) {
  auto contents = make_contents(what);
  auto system = system_text(what.question);
  // A request needs contents; instructions alone become them.
  if (contents.empty()) {
    contents.push_back(text_content("user", system));
  } else if (!system.empty() && takes_system && !what.refused.contains("systemInstruction")) {
    body["systemInstruction"] = {{"parts", json::array({{{"text", system}}})}};
  } else if (!system.empty()) {
    auto& parts = contents.front()["parts"];
    parts.insert(parts.begin(), json{{"text", system + "\n\n"}});
  }
  body["contents"] = std::move(contents);
}

/// Google's own figures for models that take a budget.
std::uint32_t budget_of(reasoning_effort effort, const gemini_traits& traits) {
  std::uint32_t wanted = 0;
  switch (effort) {
    case reasoning_effort::none:
      if (traits.can_be_off)
        return 0;
      break;
    case reasoning_effort::minimal:
      wanted = 512;
      break;
    case reasoning_effort::low:
      wanted = 1'024;
      break;
    case reasoning_effort::medium:
      wanted = 8'192;
      break;
    case reasoning_effort::high:
      wanted = 24'576;
      break;
    case reasoning_effort::xhigh:
    case reasoning_effort::max:
      wanted = traits.most_budget;
      break;
  }
  return std::clamp(wanted, traits.least_budget, traits.most_budget);
}

void add_thinking(json& config, const call& what, const parameters& params, const gemini_traits& traits) {
  json thinking;
  if (params.effort && traits.most_budget > 0) {
    if (!what.refused.contains("thinkingBudget"))
      thinking["thinkingBudget"] = budget_of(*params.effort, traits);
  } else if (const auto level = params.effort ? traits.efforts.nearest(*params.effort) : std::nullopt;
             level && !what.refused.contains("thinkingLevel")) {
    thinking["thinkingLevel"] = to_string(*level);
  }
  if (what.question.stream_reasoning)
    thinking["includeThoughts"] = true;
  // A model that has no thoughts to show has none to measure either.
  if (!thinking.is_null() && !what.refused.contains("includeThoughts"))
    config["thinkingConfig"] = std::move(thinking);
}

void add_tools(json& body, const request& question) {
  if (!sends_tools(question))
    return;
  auto functions = json::array();
  for (const auto& tool : question.tools) {
    json function = {{"name", tool.name}, {"parametersJsonSchema", schema_of(tool)}};
    if (!tool.description.empty())
      function["description"] = tool.description;
    functions.push_back(std::move(function));
  }
  body["tools"] = json::array({{{"functionDeclarations", std::move(functions)}}});
  if (question.tool_choice == tool_choice::automatic)
    return;
  json config = {{"mode", question.tool_choice == tool_choice::none ? "NONE" : "ANY"}};
  if (question.tool_choice == tool_choice::named)
    config["allowedFunctionNames"] = json::array({question.required_tool});
  body["toolConfig"]["functionCallingConfig"] = std::move(config);
}

/// The path of a model, with or without the prefix that Gemini itself writes.
std::string model_path(std::string_view model) {
  for (const std::string_view prefix : {"models/", "tunedModels/"})
    if (model.starts_with(prefix))
      return "/v1beta/" + std::string{prefix} + percent_encode(model.substr(prefix.size()));
  return "/v1beta/models/" + percent_encode(model);
}

/// The same below a base URL, which for Vertex AI may end in the host, in the location, or in the publisher.
std::string model_path(std::string_view base_url, std::string_view model) {
  if (!is_vertex(base_url))
    return model_path(model);
  if (model.starts_with("models/"))
    model.remove_prefix(7);
  const auto path = path_of_url(base_url);
  std::string result;
  if (path.empty())
    result = "/v1beta1";
  if (!path.ends_with("/publishers/google"))
    result += "/publishers/google";
  return result + "/models/" + percent_encode(model);
}

// -- embeddings ---------------------------------------------------------------

json embedding_body(const call& what) {
  // "/v1beta/models/NAME" without the version, as each of the batch has to name it.
  const auto model = model_path(what.model).substr(8);
  auto requests = json::array();
  for (const auto& text : what.question.inputs) {
    json each = {{"model", model}, {"content", {{"parts", json::array({{{"text", text}}})}}}};
    if (what.question.dimensions)
      each["outputDimensionality"] = *what.question.dimensions;
    requests.push_back(std::move(each));
  }
  return {{"requests", std::move(requests)}};
}

// -- both ---------------------------------------------------------------------

protocol_info describe() {
  return {.kind = protocol_name,
          .title = "Gemini",
          .default_base_url = "https://generativelanguage.googleapis.com",
          .default_model = "gemini-3.8-flash",
          .default_embedding_model = "gemini-embedding-001",
          .embedding_batch = {.texts = 100},
          .key_variable = "GEMINI_API_KEY",
          .sdk_key_variable = "GOOGLE_API_KEY",
          .url_variable = "GEMINI_BASE_URL",
          .model_variable = "GEMINI_MODEL",
          .auth = auth_scheme::x_goog_api_key,
          .can = {feature::tools, feature::required_tool, feature::json_answer, feature::json_schema,
                  feature::image_data, feature::embeddings},
          .errors = {.parameters = {{"temperature", "temperature"},
                                    {"topP", "topP"},
                                    {"top_p", "topP"},
                                    {"topK", "topK"},
                                    {"top_k", "topK"},
                                    {"maxOutputTokens", "maxOutputTokens"},
                                    {"max_output_tokens", "maxOutputTokens"},
                                    {"stopSequences", "stopSequences"},
                                    {"stop_sequences", "stopSequences"},
                                    {"seed", "seed"},
                                    {"thinkingLevel", "thinkingLevel"},
                                    {"thinking_level", "thinkingLevel"},
                                    {"Thinking level", "thinkingLevel"},
                                    {"thinking level", "thinkingLevel"},
                                    {"thinkingBudget", "thinkingBudget"},
                                    {"thinking_budget", "thinkingBudget"},
                                    {"Thinking budget", "thinkingBudget"},
                                    {"thinking budget", "thinkingBudget"},
                                    {"includeThoughts", "includeThoughts"},
                                    {"include_thoughts", "includeThoughts"},
                                    {"thinkingConfig", "includeThoughts"},
                                    {"thinking_config", "includeThoughts"},
                                    {"serviceTier", "serviceTier"}},
                     .histories = {{"corrupted thought signature", foreign_signatures, false},
                                   {"thinking is not enabled for this model", "includeThoughts"},
                                   {"thinking is not supported", "includeThoughts"},
                                   {"is not a supported thinking level", "thinkingLevel"},
                                   // Gemma's.
                                   {"developer instruction is not enabled", "systemInstruction"},
                                   {"system instruction is not enabled", "systemInstruction"},
                                   {"has a maxoutputtokens value of", "maxOutputTokens", false}}}};
}

class gemini final : public json_codec {
public:
  gemini() : json_codec(describe()) {}

  std::unique_ptr<response_decoder> make_decoder(job_kind job, bool stream) const override {
    if (job == job_kind::embedding)
      return std::make_unique<embedding_decoder>(about(),
                                                 embedding_shape{.list = "embeddings", .vector = "values"});
    return make_gemini_decoder(about(), stream);
  }

protected:
  std::string path_of(const call& what) const override {
    if (what.question.job == job_kind::embedding)
      return model_path(what.where.base_url, what.model) + ":batchEmbedContents";
    return model_path(what.where.base_url, what.model)
           + (what.stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
  }

  json body_of(const call& what) const override {
    if (what.question.job == job_kind::embedding)
      return embedding_body(what);
    json body;
    const auto traits = gemini_traits_of(what.model);
    add_contents(body, what, traits.takes_system);
    const auto params = effective_parameters(what, wants_sampling(what.model));
    json config;
    put_unless_refused(config, what, "temperature", params.temperature);
    put_unless_refused(config, what, "topP", params.top_p);
    put_unless_refused(config, what, "topK", params.top_k);
    put_unless_refused(config, what, "maxOutputTokens", params.max_tokens);
    put_unless_refused(config, what, "stopSequences", first_of(params.stop, most_stops));
    if (params.seed && *params.seed >= std::numeric_limits<std::int32_t>::min()
        && *params.seed <= std::numeric_limits<std::int32_t>::max())
      put_unless_refused(config, what, "seed", params.seed);
    add_thinking(config, what, params, traits);
    if (what.question.format != answer_format::text)
      config["responseMimeType"] = "application/json";
    if (what.question.format == answer_format::json_schema)
      config["responseJsonSchema"] = parse_object(what.question.json_schema);
    add_tools(body, what.question);
    if (!config.empty())
      body["generationConfig"] = std::move(config);
    return body;
  }

  /// GET models/{model} shows that both the key and the model are good.
  std::string probe_path(std::string_view model) const override {
    return model.empty() ? "/v1beta/models?pageSize=1" : model_path(model);
  }

  /// Vertex AI has no page of a model below a project; counting tokens costs nothing, and asks for the same rights.
  probe_post probe_post_of(const endpoint& where, std::string_view model) const override {
    if (model.empty() || !is_vertex(where.base_url))
      return {};
    return {model_path(where.base_url, model) + ":countTokens",
            {{"contents", json::array({text_content("user", "ping")})}}};
  }

  std::optional<response_error> judge_document(const json& document, std::string_view model) const override {
    const auto* methods = find_list(document, "supportedGenerationMethods");
    if (!model.empty() && methods != nullptr
        && std::find(methods->begin(), methods->end(), "generateContent") == methods->end())
      return missing_model("the model " + std::string{model} + " does not generate text");
    return std::nullopt;
  }
};

} // namespace

std::shared_ptr<const codec> make_gemini_codec() {
  return std::make_shared<const gemini>();
}

} // namespace magna
