// Ollama's native protocol: https://github.com/ollama/ollama/blob/main/docs/api.md

#include <magna/providers/protocols/codecs.hpp>

#include <chrono>
#include <optional>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/conversation.hpp>
#include <magna/providers/embedding_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/model_traits.hpp>
#include <magna/providers/url.hpp>

namespace magna {

namespace {

using nlohmann::json;
namespace ondemand = simdjson::ondemand;

constexpr const char* protocol_name = "ollama";
/// The kind of an item that has all thoughts.
constexpr std::string_view thinking_item = "thinking";

/// In call::refused: `think` takes no level, but yes or no.
constexpr const char* think_level = "think level";

constexpr conversation_rules rules{.name_characters = "_-.:"};

/// Or the server drops the beginning of what is too long, without a word.
constexpr std::optional<bool> no_truncation{false};

class ollama_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;
  void decode_message(const json& message, bool is_last, bool has_halves, part_sink& out);
  void add_last_items() override {
    if (!info_.reasoning.empty())
      info_.items.push_back(make_item(thinking_item, info_.reasoning));
  }
};

std::optional<decode_status> ollama_decoder::decode_delta(std::string_view data, part_sink& out) {
  if (info_.model.empty() || !plain())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view content;
  std::string_view thinking;
  bool has_message = false;
  const auto on_message = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "content")
      return read_string(value, content);
    if (key == "thinking")
      return read_string(value, thinking);
    return !(key == "tool_calls");
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "message") {
      has_message = true;
      return each_member(value, on_message);
    }
    if (key == "done") {
      bool done = true;
      return value.get_bool().get(done) == simdjson::SUCCESS && !done;
    }
    return !(key == "error") && !(key == "done_reason");
  });
  if (!usual || !has_message)
    return std::nullopt;
  return add_delta(out, content, thinking);
}

bool ollama_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  if (const auto model = find_string(document, "model"); !model.empty())
    info_.model = model;
  bool recognized = false;
  const auto* done = find_member(document, "done");
  const auto reason = find_string(document, "done_reason");
  // Some runners send the reason without the flag.
  const bool is_last = (done != nullptr && done->is_boolean() && done->get<bool>()) || !reason.empty();
  if (const auto* message = find_member(document, "message"); message != nullptr) {
    recognized = true;
    decode_message(*message, is_last, has_halves, out);
  }
  update_count(info_.usage.prompt_tokens, find_count(document, "prompt_eval_count"));
  update_count(info_.usage.completion_tokens, find_count(document, "eval_count"));
  if (!is_last)
    return recognized;
  if (reason == "length")
    finish(finish_reason::length, out);
  else if (has_tool_call())
    finish(finish_reason::tool_calls, out);
  else
    finish(reason.empty() || reason == "stop" ? finish_reason::stop : finish_reason::other, out);
  is_over();
  return true;
}

/// `is_last`: some servers tell all of the answer once more with its end.
void ollama_decoder::decode_message(const json& message, bool is_last, bool has_halves, part_sink& out) {
  add_reasoning(out, find_string(message, "thinking"), has_halves);
  if (const auto text = find_string(message, "content"); !is_last || !repeats_text(text))
    add_text(out, text, has_halves);
  const auto* calls = find_list(message, "tool_calls");
  if (calls == nullptr)
    return;
  std::vector<told_call> told;
  for (const auto& made : *calls)
    if (const auto* function = find_member(made, "function"); function != nullptr)
      told.push_back({.id = find_string(made, "id"),
                      .name = find_string(*function, "name"),
                      .arguments = arguments_text(find_member(*function, "arguments"))});
  if (is_last && repeats_calls(told))
    return;
  for (const auto& x : told)
    add_call(out, x.id, x.name, x.arguments, has_halves);
}

/// Ollama's own rule: a name without a tag means the latest.
std::string with_tag(std::string_view model) {
  const auto name = model.substr(model.rfind('/') + 1);
  return std::string{model} + (name.find(':') == std::string_view::npos ? ":latest" : "");
}

protocol_info describe() {
  return {.kind = protocol_name,
          .title = "Ollama",
          .default_base_url = "http://localhost:11434",
          .default_model = "gemma4",
          .default_embedding_model = "embeddinggemma",
          .embedding_batch = {.texts = 256},
          .needs_key = false,
          .is_local = true,
          .key_variable = "OLLAMA_API_KEY",
          .url_variable = "OLLAMA_BASE_URL",
          .sdk_url_variable = "OLLAMA_HOST",
          .read_sdk_url = url_of_ollama_host,
          .model_variable = "OLLAMA_MODEL",
          .fetch_model_command = "ollama pull",
          // A cold model is loaded first.
          .first_token_timeout = std::chrono::minutes{5},
          .framing = stream_framing::ndjson,
          .can = {feature::tools, feature::json_answer, feature::json_schema, feature::image_data,
                  feature::embeddings},
          .errors = {.parameters = {{"temperature", "temperature"},
                                    {"top_p", "top_p"},
                                    {"top_k", "top_k"},
                                    {"num_predict", "num_predict"},
                                    {"stop", "stop"},
                                    {"seed", "seed"},
                                    {"truncate", "truncate"},
                                    {"think", "think"},
                                    {"thinking", "think"}},
                     .histories = {{"think value \"true\"", "think"},
                                   {"think value \"false\"", "think"},
                                   {"think value", think_level},
                                   {"invalid think", think_level}},
                     // The status of what fails after the first byte is dropped; what can fail then is the
                     // runner.
                     .in_stream = errc::provider_unavailable}};
}

json make_message(const told_message& message) {
  json result = {
    {"role", to_string(message.from)},
    {"content", message.from == role::tool ? result_in_words(message) : std::string{message.text}}};
  for (const auto& picture : message.source->images)
    result["images"].push_back(picture.data);
  for (const auto& item : message.source->items)
    if (item.protocol == protocol_name && item.kind == thinking_item)
      result["thinking"] = item.data;
  for (const auto& call : message.calls)
    result["tool_calls"].push_back(
      {{"id", call.id},
       {"function", {{"name", call.name}, {"arguments", parse_object(call.made->arguments)}}}});
  if (message.from == role::tool) {
    result["tool_name"] = message.call_name;
    result["tool_call_id"] = message.call_id;
  }
  return result;
}

/// Whether the model is to think, or how much: null where nothing was asked for, or it cannot be told.
json think_value(const call& what, const parameters& params) {
  if (!params.effort || what.refused.contains("think"))
    return nullptr;
  const auto traits = ollama_traits_of(what.model);
  const bool is_off = params.effort == reasoning_effort::none;
  if (is_off && traits.can_be_off)
    return false;
  const auto level = traits.efforts.nearest(*params.effort);
  if (!level || what.refused.contains(think_level))
    return !is_off;
  return to_string(*level);
}

class ollama final : public json_codec {
public:
  ollama() : json_codec(describe()) {}

  std::unique_ptr<response_decoder> make_decoder(job_kind job, bool stream) const override {
    if (job == job_kind::embedding)
      return std::make_unique<embedding_decoder>(about(), embedding_shape{.list = "embeddings"});
    return std::make_unique<ollama_decoder>(about(), stream);
  }

protected:
  std::string path_of(const call& what) const override {
    return what.question.job == job_kind::embedding ? "/api/embed" : "/api/chat";
  }

  json body_of(const call& what) const override {
    if (what.question.job == job_kind::embedding) {
      json batch = {{"model", what.model}, {"input", what.question.inputs}};
      put_unless_refused(batch, what, "truncate", no_truncation);
      put_unless_refused(batch, what, "dimensions", what.question.dimensions);
      return batch;
    }
    json body;
    body["model"] = what.model;
    auto messages = json::array();
    if (auto system = system_text(what.question); !system.empty())
      messages.push_back({{"role", "system"}, {"content", std::move(system)}});
    for (const auto& message : tell_conversation(what.question, rules))
      messages.push_back(make_message(message));
    body["messages"] = std::move(messages);
    if (sends_tools(what.question) && what.question.tool_choice != tool_choice::none)
      for (const auto& tool : what.question.tools)
        body["tools"].push_back(
          {{"type", "function"},
           {"function",
            {{"name", tool.name}, {"description", tool.description}, {"parameters", schema_of(tool)}}}});
    if (what.question.format == answer_format::json)
      body["format"] = "json";
    else if (what.question.format == answer_format::json_schema)
      body["format"] = parse_object(what.question.json_schema);
    body["stream"] = what.stream;
    put_unless_refused(body, what, "truncate", no_truncation);
    const auto params = effective_parameters(what, wants_sampling(what.model));
    json options;
    put_unless_refused(options, what, "temperature", params.temperature);
    put_unless_refused(options, what, "top_p", params.top_p);
    put_unless_refused(options, what, "top_k", params.top_k);
    put_unless_refused(options, what, "num_predict", params.max_tokens);
    put_unless_refused(options, what, "stop", params.stop);
    put_unless_refused(options, what, "seed", params.seed);
    if (auto think = think_value(what, params); !think.is_null())
      body["think"] = std::move(think);
    if (!options.empty())
      body["options"] = std::move(options);
    return body;
  }

  std::string probe_path(std::string_view) const override { return "/api/tags"; }

  std::optional<response_error> judge_document(const json& document, std::string_view model) const override {
    if (model.empty())
      return std::nullopt;
    const auto wanted = with_tag(model);
    if (const auto* models = find_list(document, "models"); models != nullptr)
      for (const auto& entry : *models)
        for (const auto* field : {"name", "model"})
          if (with_tag(find_string(entry, field)) == wanted)
            return std::nullopt;
    return missing_model("the model " + std::string{model} + " is not there; get it with: ollama pull "
                         + std::string{model});
  }
};

} // namespace

std::shared_ptr<const codec> make_ollama_codec() {
  return std::make_shared<const ollama>();
}

} // namespace magna
