// Anthropic's Messages API, https://docs.anthropic.com/en/api/messages, and the servers that speak it.

#include <magna/providers/protocols/codecs.hpp>

#include <algorithm>
#include <map>

#include <magna/providers/body_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/parsing/delta_parser.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

using nlohmann::json;
namespace ondemand = simdjson::ondemand;

// -- the way there ------------------------------------------------------------

/// The API takes no request without a cap. magna's default for all providers, for who uses the codec alone.
constexpr std::uint32_t default_max_tokens = 2048;

constexpr const char* protocol_name = "anthropic";
/// The kind of an item that is a block of thoughts, with its signature.
constexpr std::string_view thinking_item = "thinking";

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

// -- the way back -------------------------------------------------------------

class anthropic_decoder final : public body_decoder {
public:
  using body_decoder::body_decoder;

protected:
  std::optional<decode_status> decode_delta(std::string_view data, part_sink& out) override;
  bool decode_document(const json& document, bool has_halves, part_sink& out) override;

private:
  void decode_block(const json& block, std::uint64_t index, bool has_halves, part_sink& out);
  void decode_usage(const json& message);
  void decode_stop(part_sink& out);
  void add_last_items() override;

  /// A block of thoughts, which must be sent again as it was.
  struct thought_block {
    std::uint64_t index = 0;
    /// How many calls stand before it.
    std::size_t calls_before = 0;
    /// Where its text begins in info_.reasoning; it goes on to the next block's.
    std::size_t begin = 0;
    std::string signature{};
    /// Set for a block that nobody can read: it is kept as it is.
    json redacted{};
  };

  void begin_thoughts(const json& block, std::uint64_t index, bool has_halves, part_sink& out);
  void add_signature(std::uint64_t index, std::string_view piece);
  json block_again(std::size_t which) const;

  std::vector<thought_block> thoughts_;
  /// Inputs that stood at the start of their calls. In a stream they count only if no pieces follow.
  std::map<std::size_t, std::string> whole_inputs_;
  /// Known before the end, told with it.
  std::string stop_reason_;
  std::optional<std::uint64_t> fresh_tokens_;
};

std::optional<decode_status> anthropic_decoder::decode_delta(std::string_view data, part_sink& out) {
  if (!plain())
    return std::nullopt;
  ondemand::document document;
  ondemand::object root;
  if (!read_in_place(data, document) || document.get_object().get(root) != simdjson::SUCCESS)
    return std::nullopt;
  std::string_view type;
  std::string_view piece;
  std::string_view thought;
  bool is_delta = false;
  const auto on_delta = [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "type")
      return read_string(value, type);
    if (key == "text")
      return read_string(value, piece);
    return key == "thinking" && read_string(value, thought);
  };
  const bool usual = each_member(root, [&](ondemand::raw_json_string key, ondemand::value value) {
    if (key == "type") {
      std::string_view event;
      is_delta = read_string(value, event) && event == "content_block_delta";
      return is_delta;
    }
    if (key == "delta")
      return is_delta && each_member(value, on_delta);
    return key == "index";
  });
  if (!usual || !is_delta || (type != "text_delta" && type != "thinking_delta"))
    return std::nullopt;
  return add_delta(out, piece, thought);
}

bool anthropic_decoder::decode_document(const json& document, bool has_halves, part_sink& out) {
  const auto type = find_string(document, "type");
  if (type == "message_start") {
    if (const auto* message = find_member(document, "message"); message != nullptr) {
      info_.model = find_string(*message, "model");
      decode_usage(*message);
    }
    return true;
  }
  if (type == "content_block_start" || type == "content_block_delta") {
    if (const auto* block = find_member(document, type == "content_block_start" ? "content_block" : "delta");
        block != nullptr)
      decode_block(*block, find_count(document, "index").value_or(0), has_halves, out);
    return true;
  }
  if (type == "message_delta") {
    if (const auto* delta = find_member(document, "delta"); delta != nullptr)
      stop_reason_ = find_string(*delta, "stop_reason");
    decode_usage(document);
    return true;
  }
  if (type == "message_stop") {
    decode_stop(out);
    is_over();
    return true;
  }
  if (type != "message")
    return false;
  info_.model = find_string(document, "model");
  if (const auto* blocks = find_list(document, "content"); blocks != nullptr)
    for (std::size_t i = 0; i < blocks->size(); ++i)
      decode_block((*blocks)[i], i, has_halves, out);
  decode_usage(document);
  stop_reason_ = find_string(document, "stop_reason");
  if (!stop_reason_.empty())
    decode_stop(out);
  return true;
}

/// A block of content, or a piece of one.
void anthropic_decoder::decode_block(const json& block, std::uint64_t index, bool has_halves,
                                     part_sink& out) {
  const auto type = find_string(block, "type");
  if (type == "text" || type == "text_delta") {
    add_text(out, find_string(block, "text"), has_halves);
  } else if (type == "tool_use") {
    const auto call = new_call(index);
    name_call(call, find_string(block, "id"), find_string(block, "name"), has_halves);
    if (const auto* input = find_member(block, "input"); input != nullptr && !input->empty()) {
      auto whole = plain_text(dump(*input), has_halves);
      count_kept(whole.size());
      whole_inputs_.emplace(call, std::move(whole));
    }
    add_arguments(out, call, {}, has_halves);
  } else if (type == "input_json_delta") {
    saw_tokens();
    // Of a tool that runs at the provider: it is none of the application's calls.
    const auto piece = find_string(block, "partial_json");
    if (const auto call = find_call(index)) {
      if (!piece.empty())
        whole_inputs_.erase(*call);
      add_arguments(out, *call, piece, has_halves);
    }
  } else if (type == "thinking" || type == "redacted_thinking") {
    begin_thoughts(block, index, has_halves, out);
  } else if (type == "thinking_delta") {
    add_reasoning(out, find_string(block, "thinking"), has_halves);
  } else if (type == "signature_delta") {
    add_signature(index, find_string(block, "signature"));
  }
}

void anthropic_decoder::begin_thoughts(const json& block, std::uint64_t index, bool has_halves,
                                       part_sink& out) {
  saw_tokens();
  auto& made = thoughts_.emplace_back(
    thought_block{.index = index, .calls_before = info_.tool_calls.size(), .begin = info_.reasoning.size()});
  count_kept(sizeof made);
  if (find_string(block, "type") == "redacted_thinking") {
    made.redacted = {{"type", "redacted_thinking"},
                     {"data", plain_text(find_string(block, "data"), has_halves)}};
    count_kept(find_string(block, "data").size());
    return;
  }
  add_signature(index, find_string(block, "signature"));
  add_reasoning(out, find_string(block, "thinking"), has_halves);
}

void anthropic_decoder::add_signature(std::uint64_t index, std::string_view piece) {
  saw_tokens();
  count_kept(piece.size());
  const auto found = std::find_if(thoughts_.rbegin(), thoughts_.rend(),
                                  [index](const thought_block& x) { return x.index == index; });
  if (found != thoughts_.rend())
    found->signature += piece;
}

json anthropic_decoder::block_again(std::size_t which) const {
  const auto& x = thoughts_[which];
  if (!x.redacted.is_null())
    return x.redacted;
  const auto end = which + 1 < thoughts_.size() ? thoughts_[which + 1].begin : info_.reasoning.size();
  return {{"type", "thinking"},
          {"thinking", info_.reasoning.substr(x.begin, end - x.begin)},
          {"signature", x.signature}};
}

void anthropic_decoder::add_last_items() {
  auto& calls = info_.tool_calls;
  for (auto& [call, input] : whole_inputs_)
    calls[call].arguments = std::move(input);
  for (std::size_t i = 0; i < thoughts_.size(); ++i) {
    const auto before = thoughts_[i].calls_before;
    // Thoughts between calls stand with the later one; those after the last one lead to nothing.
    if (before == 0)
      info_.items.push_back(make_item(thinking_item, dump(block_again(i))));
    else if (before < calls.size())
      calls[before].items.push_back(make_item(thinking_item, dump(block_again(i))));
  }
}

/// What was used so far; counts that are not told again stay.
void anthropic_decoder::decode_usage(const json& message) {
  const auto* counts = find_member(message, "usage");
  if (counts == nullptr)
    return;
  const auto take = [counts](std::optional<std::uint64_t>& to, const char* name) {
    if (const auto count = find_count(*counts, name))
      to = count;
  };
  auto& usage = info_.usage;
  take(fresh_tokens_, "input_tokens");
  take(usage.cache_write_tokens, "cache_creation_input_tokens");
  take(usage.cached_tokens, "cache_read_input_tokens");
  take(usage.completion_tokens, "output_tokens");
  if (const auto* details = find_member(*counts, "output_tokens_details"); details != nullptr)
    if (const auto count = find_count(*details, "thinking_tokens"))
      usage.reasoning_tokens = count;
  // input_tokens are those that the cache neither had nor got.
  if (fresh_tokens_)
    usage.prompt_tokens =
      *fresh_tokens_ + usage.cache_write_tokens.value_or(0) + usage.cached_tokens.value_or(0);
}

void anthropic_decoder::decode_stop(part_sink& out) {
  if (stop_reason_ == "refusal")
    reject(errc::content_filtered, "the model refused to answer", out);
  else if (stop_reason_ == "max_tokens" || stop_reason_ == "model_context_window_exceeded")
    finish(finish_reason::length, out);
  else if (stop_reason_ == "tool_use")
    finish(finish_reason::tool_calls, out);
  else if (stop_reason_.empty() || stop_reason_ == "end_turn" || stop_reason_ == "stop_sequence")
    finish(finish_reason::stop, out);
  else
    finish(finish_reason::other, out);
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
          .errors = {.statuses = {{"invalid_request_error", 400},
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
    return std::make_unique<anthropic_decoder>(about(), stream);
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
};

} // namespace

std::shared_ptr<const codec> make_anthropic_codec() {
  return std::make_shared<const anthropic>();
}

} // namespace magna
