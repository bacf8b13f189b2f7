// OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat, and what compatible servers
// make of it (llama.cpp, vLLM, Ollama's /v1, OpenRouter, Azure, Gemini's and Mistral's endpoints).

#include <magna/providers/protocols/codecs.hpp>

#include <algorithm>
#include <charconv>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/embedding_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/errors/error_mapping.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

using nlohmann::json;
namespace ondemand = simdjson::ondemand;

// -- the way there ------------------------------------------------------------

constexpr const char* protocol_name = "openai";

/// What the name of a model of OpenAI's own tells.
struct model_traits {
  /// The cap is called max_completion_tokens. Other models have max_tokens, and Ollama for one ignores the
  /// new name.
  bool official = false;
  /// Sampling parameters are no error.
  bool takes_sampling = true;
};

model_traits traits_of(std::string_view model) noexcept {
  if (model.starts_with("ft:"))
    model.remove_prefix(3);
  if (model.size() > 1 && model[0] == 'o' && is_digit(model[1]))
    return {true, false};
  if (model.starts_with("chatgpt-") || model == "chat-latest")
    return {true, true};
  if (!model.starts_with("gpt-"))
    return {};
  // gpt-5 and later; gpt-oss and gpt-j are models for other servers.
  int generation = 0;
  const auto [stop, error] = std::from_chars(model.data() + 4, model.data() + model.size(), generation);
  return error == std::errc{} ? model_traits{true, generation < 5} : model_traits{};
}

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

/// What a server wants to see again, by the names of the members that have it.
constexpr const char* reasoning_content = "reasoning_content";
constexpr const char* reasoning_details = "reasoning_details";
constexpr const char* extra_content = "extra_content";
/// In call::refused: the server refuses an assistant's message without thoughts, and calls without a signature.
constexpr const char* missing_reasoning = "missing reasoning_content";
constexpr const char* missing_signature = "missing thought_signature";

/// What Gemini takes for a signature of a call that another provider's model made.
json foreign_signature() {
  return {{"google", {{"thought_signature", "skip_thought_signature_validator"}}}};
}

/// Adds the items of this protocol under their own names, unless the model has refused them.
void add_items(json& object, const call& what, const std::vector<opaque_item>& items) {
  for (const auto& item : items) {
    if (item.protocol != protocol_name || what.refused.contains(item.kind))
      continue;
    if (item.kind == reasoning_content)
      object[item.kind] = item.data;
    else if (item.kind == reasoning_details || item.kind == extra_content)
      if (auto value = json::parse(item.data, nullptr, false); !value.is_discarded())
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
    if (what.refused.contains(missing_signature) && &called == &message.tool_calls.front()
        && !entry.contains(extra_content))
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

/// Whether OpenAI can hold the model to a schema to the letter: it takes only schemas whose objects require
/// all of their members, and no others.
bool can_be_strict(const json& schema) {
  if (schema.is_array())
    return std::ranges::all_of(schema, can_be_strict);
  if (!schema.is_object())
    return true;
  if (const auto* members = find_member(schema, "properties"); members != nullptr && members->is_object()) {
    const auto* others = find_member(schema, "additionalProperties");
    const auto* required = find_list(schema, "required");
    if (others == nullptr || *others != false || required == nullptr || required->size() != members->size())
      return false;
  } else if (find_string(schema, "type") == "object") {
    return false;
  }
  return std::ranges::all_of(schema, can_be_strict);
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

// -- the way back -------------------------------------------------------------

class openai_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_answer(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;
  bool is_whole_answer(const json& document) const override;
  bool trusts_done_marker() const noexcept override { return true; }

private:
  void decode_choice(const json& choice, bool has_halves, part_sink& out);
  void decode_message(const json& message, bool has_halves, part_sink& out);
  void decode_details(const json& entries, bool has_halves, bool is_shown, part_sink& out);
  void decode_call(const json& piece, std::size_t position, bool has_halves, part_sink& out);
  void decode_finish(std::string_view reason, part_sink& out);
  void decode_usage(const json& counts);
  void add_last_items() override;

  /// OpenRouter's account of the thoughts, its pieces put together.
  json details_;
  bool details_have_halves_ = false;
  /// The thoughts came under the name that servers want back.
  bool has_reasoning_content_ = false;
};

std::optional<decode_status> openai_decoder::decode_delta(std::string_view data, part_sink& out) {
  // The first event brings the model's name, and is worth a closer look anyway.
  if (info_.model.empty() || !plain())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view content;
  std::string_view named_thought;
  std::string_view thought;
  const auto on_delta = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "content")
      return is_null(value) || read_string(value, content);
    if (key == reasoning_content)
      return is_null(value) || read_string(value, named_thought);
    if (key == "reasoning")
      return is_null(value) || read_string(value, thought);
    return key == "role" || is_null(value);
  };
  std::size_t choices = 0;
  const auto on_choice = [&](ondemand::value choice) {
    return ++choices == 1 && each_member(choice, [&](ondemand::raw_json_string key, ondemand::value value) {
      if (key == "delta")
        return each_member(value, on_delta);
      if (key == "finish_reason" || key == "error")
        return is_null(value);
      return !(key == "message");
    });
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "choices")
      return each_element(value, on_choice);
    return !(key == "usage" || key == "error") || is_null(value);
  });
  if (!usual || choices == 0)
    return std::nullopt;
  has_reasoning_content_ = has_reasoning_content_ || !named_thought.empty();
  // Some say the same twice, under both names.
  return add_delta(out, content, named_thought.empty() ? thought : named_thought);
}

bool openai_decoder::decode_answer(std::string_view data, part_sink& out) {
  ondemand::document document;
  ondemand::object root;
  if (!plain() || !read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return false;
  std::string_view model;
  std::string_view content;
  std::string_view reason;
  usage counts;
  const auto on_message = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "content")
      return read_string(value, content);
    return key == "role" || key == "annotations" || is_null(value);
  };
  std::size_t choices = 0;
  const auto on_choice = [&](ondemand::value choice) {
    return ++choices == 1 && each_member(choice, [&](ondemand::raw_json_string key, ondemand::value value) {
      if (key == "message")
        return each_member(value, on_message);
      if (key == "finish_reason")
        return read_string(value, reason);
      return key == "index" || is_null(value);
    });
  };
  const auto on_count = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "prompt_tokens")
      return read_count(value, counts.prompt_tokens);
    if (key == "completion_tokens")
      return read_count(value, counts.completion_tokens);
    if (key == "prompt_tokens_details")
      return each_member(value, [&](ondemand::raw_json_string name, ondemand::value count) {
        if (name == "cached_tokens")
          return read_count(count, counts.cached_tokens);
        return !(name == "cache_write_tokens") || read_count(count, counts.cache_write_tokens);
      });
    if (key == "completion_tokens_details")
      // Reasoning that is counted apart takes a closer look.
      return each_member(value, [&](ondemand::raw_json_string name, ondemand::value count) {
        return !(name == "reasoning_tokens")
               || (read_count(count, counts.reasoning_tokens) && counts.reasoning_tokens == 0U);
      });
    return true;
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "choices")
      return each_element(value, on_choice);
    if (key == "model")
      return read_string(value, model);
    if (key == "usage")
      return each_member(value, on_count);
    return !(key == "error") || is_null(value);
  });
  // What follows the document, or its end is missing: not for here.
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (!usual || !at_end || choices != 1 || content.empty() || reason != "stop")
    return false;
  info_.model = model;
  info_.usage = counts;
  add_text(out, content, false);
  decode_finish(reason, out);
  return true;
}

bool openai_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  if (const auto model = find_string(document, "model"); !model.empty())
    info_.model = model;
  bool recognized = false;
  if (const auto* counts = find_member(document, "usage"); counts != nullptr && counts->is_object()) {
    recognized = true;
    decode_usage(*counts);
  }
  if (const auto* choices = find_list(document, "choices"); choices != nullptr) {
    recognized = true;
    // More than one answer is never asked for.
    if (!choices->empty())
      decode_choice(choices->front(), has_halves, out);
  }
  return recognized;
}

void openai_decoder::decode_choice(const json& choice, bool has_halves, part_sink& out) {
  for (const auto* name : {"delta", "message"})
    if (const auto* message = find_member(choice, name); message != nullptr)
      decode_message(*message, has_halves, out);
  if (const auto facts = find_error(choice, has_halves))
    reject(map_error(about(), {}, *facts, {}).code, facts->message, out);
  if (const auto reason = find_string(choice, "finish_reason"); !reason.empty())
    decode_finish(reason, out);
}

void openai_decoder::decode_message(const json& message, bool has_halves, part_sink& out) {
  // Thoughts come before the text; some say the same twice, under both names.
  const auto named = find_string(message, reasoning_content);
  const auto thought = named.empty() ? find_string(message, "reasoning") : named;
  has_reasoning_content_ = has_reasoning_content_ || !named.empty();
  add_reasoning(out, thought, has_halves);
  if (const auto* entries = find_list(message, reasoning_details); entries != nullptr)
    decode_details(*entries, has_halves, thought.empty(), out);
  if (const auto* content = find_list(message, "content"); content != nullptr) {
    // Mistral sends a list of parts, some of them thoughts.
    for (const auto& part : *content) {
      if (find_string(part, "type") == "text")
        add_text(out, find_string(part, "text"), has_halves);
      else
        saw_tokens();
      if (const auto* thoughts = find_list(part, "thinking"); thoughts != nullptr)
        for (const auto& each : *thoughts)
          add_reasoning(out, find_string(each, "text"), has_halves);
    }
  } else {
    add_text(out, find_string(message, "content"), has_halves);
  }
  add_refusal(find_string(message, "refusal"), has_halves);
  if (const auto* calls = find_list(message, "tool_calls"); calls != nullptr)
    for (std::size_t i = 0; i < calls->size(); ++i)
      decode_call((*calls)[i], i, has_halves, out);
  if (find_member(message, "function_call") != nullptr)
    saw_tool_call();
}

/// In a stream an entry comes in pieces of one type and index, which belong together. `is_shown`: nothing else
/// tells the thoughts.
void openai_decoder::decode_details(const json& entries, bool has_halves, bool is_shown, part_sink& out) {
  for (const auto& entry : entries) {
    if (!entry.is_object())
      continue;
    saw_tokens();
    count_kept(dump(entry).size());
    details_have_halves_ = details_have_halves_ || has_halves;
    if (is_shown)
      for (const auto* name : {"text", "summary"})
        add_reasoning(out, find_string(entry, name), has_halves);
    const auto index = entry.value("index", json{});
    const bool goes_on = !details_.empty() && find_string(details_.back(), "type") == find_string(entry, "type")
                         && details_.back().value("index", json{}) == index && !index.is_null();
    if (!goes_on) {
      details_.push_back(entry);
      continue;
    }
    for (const auto& [name, value] : entry.items()) {
      auto& whole = details_.back()[name];
      if ((name == "text" || name == "summary" || name == "data") && whole.is_string() && value.is_string())
        whole.get_ref<std::string&>() += value.get_ref<const std::string&>();
      else if (!value.is_null())
        whole = value;
    }
  }
}

/// A call, or a piece of one. `position` stands for an index that is not told.
void openai_decoder::decode_call(const json& piece, std::size_t position, bool has_halves, part_sink& out) {
  const auto index = find_count(piece, "index").value_or(position);
  const auto id = find_string(piece, "id");
  auto call = call_at(index);
  // Some servers give every call the same index.
  if (const auto& known = info_.tool_calls[call].id; !id.empty() && !known.empty() && known != id)
    call = new_call(index);
  name_call(call, id, {}, has_halves);
  if (const auto* extra = find_member(piece, extra_content); extra != nullptr && extra->is_object()) {
    auto item = make_item(extra_content, plain_text(dump(*extra), has_halves));
    count_kept(item.data.size());
    info_.tool_calls[call].items = {std::move(item)};
  }
  const auto* function = find_member(piece, "function");
  if (function == nullptr) {
    saw_tool_call();
    return;
  }
  name_call(call, {}, find_string(*function, "name"), has_halves);
  if (const auto* arguments = find_member(*function, "arguments");
      arguments != nullptr && arguments->is_object())
    add_arguments(out, call, dump(*arguments), has_halves);
  else
    add_arguments(out, call, find_string(*function, "arguments"), has_halves);
}

void openai_decoder::add_last_items() {
  if (has_reasoning_content_)
    info_.items.push_back(make_item(reasoning_content, info_.reasoning));
  if (!details_.empty())
    info_.items.push_back(make_item(reasoning_details, plain_text(dump(details_), details_have_halves_)));
}

void openai_decoder::decode_finish(std::string_view reason, part_sink& out) {
  if (reason == "content_filter")
    reject(errc::content_filtered, "the answer was stopped by the provider's content filter", out);
  else if (reason == "error" || reason == "abort")
    reject(errc::provider_error, "the answer ended with " + std::string{reason}, out);
  else if (reason == "insufficient_system_resource")
    reject(errc::provider_unavailable, "the answer ended with " + std::string{reason}, out);
  else if (reason == "length" || reason == "max_tokens")
    finish(finish_reason::length, out);
  else if (reason == "tool_calls" || reason == "function_call")
    finish(finish_reason::tool_calls, out);
  else if (reason == "stop" || reason == "eos" || reason == "end_turn" || reason == "stop_sequence")
    finish(has_tool_call() ? finish_reason::tool_calls : finish_reason::stop, out);
  else
    finish(finish_reason::other, out);
}

void openai_decoder::decode_usage(const json& counts) {
  auto& usage = info_.usage;
  usage.prompt_tokens = find_count(counts, "prompt_tokens");
  usage.completion_tokens = find_count(counts, "completion_tokens");
  if (const auto* details = find_member(counts, "prompt_tokens_details"); details != nullptr) {
    usage.cached_tokens = find_count(*details, "cached_tokens");
    usage.cache_write_tokens = find_count(*details, "cache_write_tokens");
  }
  if (const auto* details = find_member(counts, "completion_tokens_details"); details != nullptr)
    usage.reasoning_tokens = find_count(*details, "reasoning_tokens");
  // Some servers count reasoning apart, which the total gives away.
  const auto reasoning = usage.reasoning_tokens.value_or(0);
  if (reasoning > 0 && usage.total_tokens()
      && find_count(counts, "total_tokens") == *usage.total_tokens() + reasoning)
    usage.completion_tokens = usage.completion_tokens.value_or(0) + reasoning;
}

bool openai_decoder::is_whole_answer(const json& document) const {
  const auto* choices = find_list(document, "choices");
  // A reason that is null is what a stream that broke leaves when someone between us and the model made a
  // document of it.
  return choices != nullptr && !choices->empty() && find_member(choices->front(), "message") != nullptr
         && !choices->front().contains("finish_reason");
}

// -- embeddings ---------------------------------------------------------------

json embedding_body(const call& what) {
  json body = {{"model", what.model}, {"input", what.question.inputs}};
  // A quarter of the bytes that decimal numbers take.
  if (!what.refused.contains("encoding_format"))
    body["encoding_format"] = "base64";
  put_unless_refused(body, what, "dimensions", what.question.dimensions);
  return body;
}

class openai_embedding_decoder final : public embedding_decoder {
public:
  using embedding_decoder::embedding_decoder;

protected:
  bool decode_document(const json& document, bool, part_sink& out) override {
    const auto* data = find_list(document, "data");
    if (data == nullptr)
      return false;
    info_.model = find_string(document, "model");
    if (const auto* counts = find_member(document, "usage"); counts != nullptr)
      info_.usage.prompt_tokens = find_count(*counts, "prompt_tokens");
    for (std::size_t i = 0; i < data->size(); ++i) {
      const auto* vector = find_member((*data)[i], "embedding");
      add_vector(out, find_count((*data)[i], "index").value_or(i), vector != nullptr ? *vector : json{});
    }
    finish(finish_reason::stop, out);
    return true;
  }
};

// -- both ---------------------------------------------------------------------

protocol_info describe() {
  return {.kind = protocol_name,
          .title = "OpenAI",
          .default_base_url = "https://api.openai.com/v1",
          .default_model = "gpt-6-luna",
          .default_embedding_model = "text-embedding-3-small",
          .embedding_batch = {.texts = 512},
          .key_variable = "OPENAI_API_KEY",
          .url_variable = "OPENAI_BASE_URL",
          .model_variable = "OPENAI_MODEL",
          .can = {feature::tools, feature::required_tool, feature::json_answer, feature::json_schema,
                  feature::image_data, feature::image_url, feature::embeddings},
          .errors = {.parameters = {{"temperature", "temperature"},
                                    {"top_p", "top_p"},
                                    {"max_tokens", "max_tokens"},
                                    {"max_completion_tokens", "max_completion_tokens"},
                                    {"stop", "stop"},
                                    {"seed", "seed"},
                                    {"reasoning_effort", "reasoning_effort"},
                                    {"stream_options", "stream_options"},
                                    {reasoning_content, reasoning_content},
                                    {reasoning_details, reasoning_details},
                                    {extra_content, extra_content},
                                    {"encoding_format", "encoding_format"}},
                     .wanted = {{"reasoning_content` in the thinking mode must be passed back", missing_reasoning},
                                {"missing a thought_signature", missing_signature}}}};
}

class openai final : public json_codec {
public:
  openai() : json_codec(describe()) {}

  std::unique_ptr<response_decoder> make_decoder(job_kind job, bool stream) const override {
    if (job == job_kind::embedding)
      return std::make_unique<openai_embedding_decoder>(about());
    return std::make_unique<openai_decoder>(about(), stream);
  }

protected:
  std::string path_of(const call& what) const override {
    return what.question.job == job_kind::embedding ? "/embeddings" : "/chat/completions";
  }

  json body_of(const call& what) const override {
    if (what.question.job == job_kind::embedding)
      return embedding_body(what);
    const auto traits = traits_of(what.model);
    json body;
    body["model"] = what.model;
    body["messages"] = make_messages(what);
    add_tools(body, what.question);
    add_format(body, what.question);
    const auto params = effective_parameters(what, traits.takes_sampling);
    put_unless_refused(body, what, "temperature", params.temperature);
    put_unless_refused(body, what, "top_p", params.top_p);
    if (const auto* name = cap_name(what, traits.official); name != nullptr && params.max_tokens)
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

  /// The list, and not the model's own page: more servers have it.
  std::string probe_path(std::string_view) const override { return "/models"; }

  std::optional<response_error> judge_document(const json& document, std::string_view model) const override {
    const auto* models = find_list(document, "data");
    const auto* more = find_member(document, "has_more");
    // A list that is odd or has more pages proves nothing against the model.
    if (model.empty() || models == nullptr || (more != nullptr && *more == true))
      return std::nullopt;
    for (const auto& entry : *models) {
      auto id = find_string(entry, "id");
      if (id.starts_with("models/"))
        id.remove_prefix(7);
      // A llama.cpp server has one model, whatever one calls it; Ollama lists its models with their tags.
      if (id == model || id == std::string{model} + ":latest" || find_string(entry, "owned_by") == "llamacpp")
        return std::nullopt;
    }
    return missing_model("the provider does not list the model " + std::string{model});
  }
};

} // namespace

std::shared_ptr<const codec> make_openai_codec() {
  return std::make_shared<const openai>();
}

} // namespace magna
