#include <magna/simulator/manners.hpp>

#include <ctime>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;
using payloads = std::vector<std::string>;

/// How far the servers that speak this protocol differ from OpenAI's own.
struct manner {
  bool counts_reasoning_apart = false;
  bool shows_thoughts = false;        ///< Itself, and not a summary.
  bool encrypts = true;               ///< What has to come back.
  bool encrypts_at_end = false;       ///< Only the last event has it.
  bool names_items = true;            ///< Events tell the item, and not only its place.
  bool tells_arguments_whole = false; ///< In one piece.
  bool says_done = false;             ///< The stream ends with [DONE].
};

manner manner_of(const answer& what) {
  switch (what.like) {
    case server_name::xai:
      return {.counts_reasoning_apart = true, .encrypts_at_end = true, .tells_arguments_whole = true};
    case server_name::mantle:
      return {.shows_thoughts = true, .encrypts = false};
    case server_name::openrouter:
      return {.shows_thoughts = true, .names_items = false, .says_done = true};
    case server_name::ollama:
      return {.tells_arguments_whole = true};
    case server_name::azure:
    case server_name::provider:
      break;
  }
  return {};
}

/// Every event begins with its type: the writer of lines reads it from there.
class responses final : public dialect {
public:
  std::string whole(const answer& what, std::string_view text) const override {
    return dump(response(what, what.count(), what.finish.empty() ? "in_progress" : status_of(what),
                         output(what, text)));
  }

  std::string opening(const answer& what) const override {
    return event("created", {{"response", response(what, 0, "in_progress", json::array())}});
  }

  payloads before_reasoning(const answer& what) const override {
    auto item = reasoning_item(what, false);
    item[list_of(what)] = json::array();
    payloads result{item_event("added", 0, std::move(item))};
    if (!manner_of(what).shows_thoughts)
      result.push_back(
        event("reasoning_summary_part.added",
              place(what, 0, reasoning_id(what), "summary_index", {{"part", summary_part("")}})));
    return result;
  }

  std::string reasoning(const answer& what, std::string_view text) const override {
    return event(voice_of(what) + ".delta",
                 place(what, 0, reasoning_id(what), index_of(what), {{"delta", text}}));
  }

  payloads before_tokens(const answer& what) const override {
    payloads result;
    if (!what.reasoning().empty()) {
      result.push_back(event(voice_of(what) + ".done", place(what, 0, reasoning_id(what), index_of(what),
                                                             {{"text", what.reasoning_text()}})));
      result.push_back(item_event("done", 0, reasoning_item(what, !manner_of(what).encrypts_at_end)));
    }
    if (!what.has_text())
      return result;
    result.push_back(item_event("added", text_place(what), message_item(what, "in_progress", json::array())));
    result.push_back(event("content_part.added", place(what, text_place(what), message_id(what),
                                                       "content_index", {{"part", text_part(what, "")}})));
    return result;
  }

  std::string token(const answer& what, std::string_view text, std::size_t, bool) const override {
    return event(what.refusal ? "refusal.delta" : "output_text.delta",
                 place(what, text_place(what), message_id(what), "content_index", {{"delta", text}}));
  }

  payloads after_tokens(const answer& what) const override {
    if (!what.has_text())
      return {};
    const auto text = what.text();
    const auto at = text_place(what);
    return {
      event(what.refusal ? "refusal.done" : "output_text.done",
            place(what, at, message_id(what), "content_index", {{what.refusal ? "refusal" : "text", text}})),
      event("content_part.done",
            place(what, at, message_id(what), "content_index", {{"part", text_part(what, text)}})),
      item_event("done", at, message_item(what, "completed", json::array({text_part(what, text)})))};
  }

  payloads calls(const answer& what) const override {
    payloads result;
    auto at = text_place(what) + (what.has_text() ? 1 : 0);
    for (const auto& call : what.calls()) {
      const auto id = "fc_" + call.id;
      const auto add = [&](std::string_view piece) {
        result.push_back(
          event("function_call_arguments.delta", place(what, at, id, nullptr, {{"delta", piece}})));
      };
      result.push_back(item_event("added", at, call_item(call, "", "in_progress")));
      if (manner_of(what).tells_arguments_whole)
        add(call.arguments);
      else
        for (const auto& piece : call.pieces)
          add(piece);
      result.push_back(
        event("function_call_arguments.done", place(what, at, id, nullptr, {{"arguments", call.arguments}})));
      result.push_back(item_event("done", at, call_item(call, call.arguments, "completed")));
      ++at;
    }
    return result;
  }

  std::string finish(const answer& what, std::size_t sent) const override {
    const auto status = status_of(what);
    return event(status, {{"response", response(what, sent, status, output(what, what.text()))}});
  }

  payloads tail(const answer& what, std::size_t) const override {
    return manner_of(what).says_done ? payloads{"[DONE]"} : payloads{};
  }

  /// As an event of its own, nested or flat, or as the end of the answer.
  json stream_error(const answer& what, json error, stream_error_form form) const override {
    auto inner = error.value("error", json::object());
    if (form == stream_error_form::event) {
      auto failed = response(what, 0, "failed", json::array());
      failed["error"] = {{"code", inner["code"].is_null() ? inner["type"] : inner["code"]},
                         {"message", inner["message"]}};
      return json::parse(event("failed", {{"response", std::move(failed)}}));
    }
    json result = {{"type", "error"}};
    if (form == stream_error_form::flat)
      for (const auto* name : {"code", "message", "param"})
        result[name] = inner[name];
    else
      result["error"] = std::move(inner);
    return result;
  }

  std::string_view stream_type() const override { return "text/event-stream; charset=utf-8"; }

  std::string_view whole_type() const override { return "application/json"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string& id) const override {
    return openai_dialect().headers(id);
  }

private:
  static std::string reasoning_id(const answer& what) { return "rs_sim" + what.id; }
  static std::string message_id(const answer& what) { return "msg_sim" + what.id; }

  static int text_place(const answer& what) { return what.reasoning().empty() ? 0 : 1; }

  static const char* list_of(const answer& what) {
    return manner_of(what).shows_thoughts ? "content" : "summary";
  }
  static const char* index_of(const answer& what) {
    return manner_of(what).shows_thoughts ? "content_index" : "summary_index";
  }
  static std::string voice_of(const answer& what) {
    return manner_of(what).shows_thoughts ? "reasoning_text" : "reasoning_summary_text";
  }

  static json summary_part(std::string_view text) { return {{"type", "summary_text"}, {"text", text}}; }

  static json text_part(const answer& what, std::string_view text) {
    if (what.refusal)
      return {{"type", "refusal"}, {"refusal", text}};
    return {
      {"type", "output_text"}, {"text", text}, {"annotations", json::array()}, {"logprobs", json::array()}};
  }

  static json reasoning_item(const answer& what, bool with_encrypted) {
    const auto text = what.reasoning_text();
    json result = {{"id", reasoning_id(what)}, {"type", "reasoning"}, {"summary", json::array()}};
    if (manner_of(what).shows_thoughts)
      result["content"] = json::array({{{"type", "reasoning_text"}, {"text", text}}});
    else
      result["summary"].push_back(summary_part(text));
    if (what.like == server_name::ollama)
      result["encrypted_content"] = text;
    else if (what.is_encrypted && manner_of(what).encrypts && with_encrypted)
      result["encrypted_content"] = what.signature;
    return result;
  }

  static json message_item(const answer& what, const char* status, json content) {
    return {{"id", message_id(what)},
            {"type", "message"},
            {"status", status},
            {"role", "assistant"},
            {"content", std::move(content)}};
  }

  static json call_item(const call_of_answer& call, std::string_view arguments, const char* status) {
    return {{"id", "fc_" + call.id}, {"type", "function_call"}, {"status", status},
            {"call_id", call.id},    {"name", call.name},       {"arguments", arguments}};
  }

  static json output(const answer& what, std::string_view text) {
    auto result = json::array();
    if (!what.reasoning().empty())
      result.push_back(reasoning_item(what, true));
    if (what.has_text())
      result.push_back(message_item(what, "completed", json::array({text_part(what, text)})));
    for (const auto& call : what.calls())
      result.push_back(call_item(call, call.arguments, "completed"));
    return result;
  }

  static std::string status_of(const answer& what) {
    return what.finish == "stop" || what.finish == "tool_calls" ? "completed" : "incomplete";
  }

  static json reason_of(const answer& what) {
    return {{"reason", what.finish == "length" ? "max_output_tokens" : what.finish}};
  }

  static json response(const answer& what, std::size_t tokens, std::string_view status, json output) {
    json result = {{"id", "resp_sim" + what.id},
                   {"object", "response"},
                   {"created_at", std::time(nullptr)},
                   {"status", status},
                   {"background", false},
                   {"error", nullptr},
                   {"incomplete_details", status == "incomplete" ? reason_of(what) : json(nullptr)},
                   {"model", what.model},
                   {"output", std::move(output)},
                   {"store", false},
                   {"usage", nullptr}};
    if (what.report_usage && status != "in_progress")
      result["usage"] = usage_of(what, tokens);
    if (what.like == server_name::azure)
      result["content_filters"] = json::array();
    return result;
  }

  static json usage_of(const answer& what, std::size_t tokens) {
    const auto usage = what.usage(tokens);
    const auto together = usage.completion + usage.reasoning;
    return {{"input_tokens", usage.prompt},
            {"input_tokens_details", {{"cached_tokens", usage.cached}, {"cache_write_tokens", 0}}},
            {"output_tokens", manner_of(what).counts_reasoning_apart ? usage.completion : together},
            {"output_tokens_details", {{"reasoning_tokens", usage.reasoning}}},
            {"total_tokens", usage.prompt + together}};
  }

  static std::string event(const std::string& name, const json& members) {
    json result = {{"type", "response." + name}};
    result.update(members);
    return dump(result);
  }

  static std::string item_event(const char* what, int at, json item) {
    return event(std::string{"output_item."} + what, {{"output_index", at}, {"item", std::move(item)}});
  }

  /// The members that say where a piece belongs, and the piece.
  static json place(const answer& what, int at, const std::string& item, const char* index,
                    const json& piece) {
    json result = json::object();
    if (manner_of(what).names_items)
      result["item_id"] = item;
    result["output_index"] = at;
    if (index != nullptr)
      result[index] = 0;
    result.update(piece);
    return result;
  }
};

} // namespace

const dialect& responses_dialect() noexcept {
  static const responses instance;
  return instance;
}

} // namespace magna::simulator
