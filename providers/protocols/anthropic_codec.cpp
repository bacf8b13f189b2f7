// Anthropic's Messages API, https://docs.anthropic.com/en/api/messages, and the servers that speak it.

#include <magna/providers/protocols/codecs.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <magna/providers/conversation.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/json_codec.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/providers/protocols/anthropic_decoder.hpp>
#include <magna/providers/protocols/model_traits.hpp>
#include <magna/providers/schemas.hpp>
#include <magna/providers/url.hpp>

namespace magna {

namespace {

using anthropic_wire::protocol_name;
using anthropic_wire::thinking_item;
using nlohmann::json;

// -- the way there ------------------------------------------------------------

/// The API takes no request without a cap, and models that think need room for it.
constexpr std::uint32_t default_max_tokens = 16'384;
/// What every model allows.
constexpr std::uint32_t least_max_tokens = 4'096;

/// In call::refused: the conversation has thoughts of a model that this server does not know.
constexpr const char* foreign_thinking = "foreign thinking";
/// The answer's cap is above the model's.
constexpr const char* high_cap = "high cap";
/// More than the level `high`.
constexpr const char* high_effort = "high effort";

constexpr conversation_rules rules{.id_characters = "_-"};

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
json blocks_of(const call& what, const told_message& message) {
  auto blocks = json::array();
  if (message.from == role::tool) {
    json result = {{"type", "tool_result"}, {"tool_use_id", message.call_id}};
    if (!is_blank(message.text))
      result["content"] = message.text;
    if (message.source->is_error)
      result["is_error"] = true;
    blocks.push_back(std::move(result));
    return blocks;
  }
  for (const auto& picture : message.source->images) {
    json source = picture.url.empty()
                    ? json{{"type", "base64"}, {"media_type", picture.mime_type}, {"data", picture.data}}
                    : json{{"type", "url"}, {"url", picture.url}};
    blocks.push_back({{"type", "image"}, {"source", std::move(source)}});
  }
  // Thoughts stand first, as the API wants it; alone they are no message.
  add_thoughts(blocks, what, message.source->items);
  if (!message.text.empty())
    blocks.push_back(text_block(message.text));
  for (const auto& call : message.calls) {
    add_thoughts(blocks, what, call.made->items);
    blocks.push_back({{"type", "tool_use"},
                      {"id", call.id},
                      {"name", call.name},
                      {"input", parse_object(call.made->arguments)}});
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
  for (const auto& message : tell_conversation(what.question, rules)) {
    auto blocks = blocks_of(what, message);
    if (messages.empty() && message.from == role::assistant)
      turn("user").push_back(text_block("(The assistant speaks first.)"));
    auto& content = turn(message.from == role::assistant ? "assistant" : "user");
    for (auto& block : blocks)
      content.push_back(std::move(block));
  }
  trim_prefill(messages);
  return messages;
}

void add_format(json& body, const request& question) {
  if (question.format != answer_format::json_schema)
    return;
  auto schema = parse_object(question.json_schema);
  // "For 'object' type, 'additionalProperties' must be explicitly set to false".
  close_objects(schema);
  body["output_config"]["format"] = {{"type", "json_schema"}, {"schema", std::move(schema)}};
}

void add_tools(json& body, const call& what, const parameters& params) {
  const auto& question = what.question;
  if (!sends_tools(question))
    return;
  for (const auto& tool : question.tools) {
    auto schema = schema_of(tool);
    json made = {{"name", tool.name}};
    if (!tool.description.empty())
      made["description"] = tool.description;
    if (tool.strict == true && !what.refused.contains("strict")) {
      auto closed = schema;
      close_objects(closed);
      if (anthropic_can_be_strict(closed)) {
        schema = std::move(closed);
        made["strict"] = true;
      }
    }
    made["input_schema"] = std::move(schema);
    body["tools"].push_back(std::move(made));
  }
  const bool is_single =
    params.parallel_tool_calls == false && !what.refused.contains("disable_parallel_tool_use");
  json choice;
  switch (question.tool_choice) {
    case tool_choice::automatic:
      if (is_single)
        choice = {{"type", "auto"}};
      break;
    case tool_choice::none:
      body["tool_choice"] = {{"type", "none"}};
      return;
    case tool_choice::required:
      choice = {{"type", "any"}};
      break;
    case tool_choice::named:
      choice = {{"type", "tool"}, {"name", question.required_tool}};
      break;
  }
  if (is_single)
    choice["disable_parallel_tool_use"] = true;
  if (!choice.is_null())
    body["tool_choice"] = std::move(choice);
}

// -- thoughts -----------------------------------------------------------------

/// Of a model that thinks within a budget. The least that the API takes is 1024.
std::uint32_t budget_of(reasoning_effort effort) {
  switch (effort) {
    case reasoning_effort::none:
    case reasoning_effort::minimal:
      return 1'024;
    case reasoning_effort::low:
      return 2'048;
    case reasoning_effort::medium:
      return 8'192;
    case reasoning_effort::high:
      return 16'384;
    case reasoning_effort::xhigh:
      return 24'576;
    case reasoning_effort::max:
      return 31'999;
  }
  return 8'192;
}

bool has_block(const json& message, std::string_view type) {
  return std::ranges::any_of(message["content"], [type](const json& x) { return x["type"] == type; });
}

/// Whether the model may be told to think: not while it must call a tool or go on with a beginning, and not if it is
/// in the midst of calls that it has made without thoughts.
bool can_think(const json& messages, const request& question) {
  if (question.tool_choice == tool_choice::required || question.tool_choice == tool_choice::named
      || messages.back()["role"] == "assistant")
    return false;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if ((*message)["role"] == "user") {
      if (!has_block(*message, "tool_result"))
        return true;
    } else if (const auto& first = (*message)["content"].front()["type"];
               has_block(*message, "tool_use") && first != "thinking" && first != "redacted_thinking") {
      return false;
    }
  }
  return true;
}

/// Adds how much the model is to think, and how many tokens that and the answer may have.
void add_thinking(json& body, const call& what, const parameters& params, const claude_traits& traits) {
  const auto effort = params.effort;
  const bool is_off = effort == reasoning_effort::none;
  auto cap = what.refused.contains(high_cap) ? least_max_tokens
                                             : std::min(params.max_tokens.value_or(default_max_tokens),
                                                        traits.official ? traits.most_tokens : UINT32_MAX);
  const bool may_think = !what.refused.contains("thinking") && can_think(body["messages"], what.question);
  json thinking;
  switch (traits.thinking) {
    case claude_thinking::never:
      break;
    case claude_thinking::budget:
      if (effort && !is_off && may_think) {
        auto budget = budget_of(*effort);
        // Beside the thoughts there is room for as long an answer as without them.
        if (!params.max_tokens && !what.refused.contains(high_cap))
          cap = std::min(cap + budget, traits.most_tokens);
        budget = std::min(budget, cap / 2);
        if (budget >= budget_of(reasoning_effort::minimal))
          thinking = {{"type", "enabled"}, {"budget_tokens", budget}};
      }
      break;
    case claude_thinking::adaptive:
      if (effort && !is_off && may_think)
        thinking = {{"type", "adaptive"}};
      break;
    case claude_thinking::by_itself:
      if (what.refused.contains("thinking"))
        break;
      if (is_off && traits.off == claude_off::disabled)
        thinking = {{"type", "disabled"}};
      else if (is_off && traits.off == claude_off::between_tools)
        thinking = {{"type", "between_tools"}};
      else if (traits.official && what.question.stream_reasoning && !is_off && may_think)
        // Or the thoughts come without words.
        thinking = {{"type", "adaptive"}, {"display", "summarized"}};
      break;
  }
  const bool thinks =
    !thinking.is_null() && thinking["type"] != "disabled" && thinking["type"] != "between_tools";
  if (thinks && traits.takes_sampling)
    // These exclude each other, and how much to think was asked for.
    for (const auto* name : {"temperature", "top_p", "top_k"})
      body.erase(name);
  if (!thinking.is_null())
    body["thinking"] = std::move(thinking);
  body["max_tokens"] = cap;
  // A model that does not think needs no level for it, and one that must gets its lowest.
  const bool needs_level =
    effort && (!is_off || (traits.thinking == claude_thinking::by_itself && !body.contains("thinking")));
  if (!needs_level || what.refused.contains("effort"))
    return;
  const bool is_high = effort == reasoning_effort::xhigh || effort == reasoning_effort::max;
  const auto wanted = is_high && what.refused.contains(high_effort) ? reasoning_effort::high : *effort;
  if (const auto level = traits.efforts.nearest(wanted))
    body["output_config"]["effort"] = to_string(*level);
}

// -- both ---------------------------------------------------------------------

protocol_info describe() {
  return {.kind = protocol_name,
          .title = "Anthropic",
          .default_base_url = "https://api.anthropic.com",
          .default_model = "claude-haiku-5-5",
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
                                    {"top_k", "top_k"},
                                    {"stop_sequences", "stop_sequences"},
                                    {"cache_control", "cache_control"},
                                    {"strict", "strict"},
                                    {"disable_parallel_tool_use", "disable_parallel_tool_use"},
                                    {"thinking", "thinking"},
                                    {"effort", "effort"},
                                    {"service_tier", "service_tier"}},
                     .histories = {{"invalid `signature` in `thinking`", foreign_thinking, false},
                                   {"does not support effort level", high_effort},
                                   {"the maximum allowed number of output tokens", high_cap, false},
                                   {"when `thinking` is enabled, a final", "thinking", false},
                                   {"thinking may not be enabled when", "thinking", false}}}};
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
    const auto traits = claude_traits_of(what.model);
    // The newest models refuse every sampling parameter: none is sent that the user did not ask for.
    auto params = effective_parameters(what, false);
    // Others take twice as much.
    if (params.temperature)
      params.temperature = std::min(*params.temperature, 1.0);
    if (traits.takes_sampling) {
      put_unless_refused(body, what, "temperature", params.temperature);
      put_unless_refused(body, what, "top_p", params.top_p);
      put_unless_refused(body, what, "top_k", params.top_k);
    }
    put_unless_refused(body, what, "stop_sequences", without_blanks(params.stop));
    if (params.prompt_cache == true && !what.refused.contains("cache_control"))
      body["cache_control"] = {{"type", "ephemeral"}};
    add_tools(body, what, params);
    add_format(body, what.question);
    add_thinking(body, what, params, traits);
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
