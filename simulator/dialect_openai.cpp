#include <magna/simulator/manners.hpp>

#include <ctime>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

json usage_of(const answer& what, std::size_t tokens) {
  auto usage = what.usage(tokens);
  auto completion = usage.completion + usage.reasoning;
  return {{"prompt_tokens", usage.prompt},
          {"completion_tokens", completion},
          {"total_tokens", usage.prompt + completion},
          {"prompt_tokens_details", {{"cached_tokens", usage.cached}, {"cache_write_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", usage.reasoning}}}};
}

using chunk_list = std::vector<std::string>;

chunk_list one_by_one(const std::vector<chunk_list>& lists) {
  chunk_list result;
  for (const auto& list : lists)
    result.insert(result.end(), list.begin(), list.end());
  return result;
}

/// The first of each list, then the second of each that has one, and so on.
chunk_list in_turns(const std::vector<chunk_list>& lists) {
  chunk_list result;
  for (std::size_t round = 0, before = 1; result.size() != before; ++round) {
    before = result.size();
    for (const auto& list : lists)
      if (round < list.size())
        result.push_back(list[round]);
  }
  return result;
}

class openai final : public dialect {
public:
  std::string whole(const answer& what, std::string_view text) const override {
    json message = {
      {"role", "assistant"}, {"content", text}, {"refusal", nullptr}, {"annotations", json::array()}};
    if (what.refusal) {
      message["content"] = nullptr;
      message["refusal"] = text;
    }
    if (!what.reasoning().empty()) {
      message[what.reasoning_field] = what.reasoning_text();
      if (what.wants == wanted::reasoning_details)
        message["reasoning_details"] = details(what, what.reasoning_text(), true);
    }
    for (std::size_t i = 0; i < what.calls().size(); ++i) {
      message["tool_calls"].push_back(begun(what, i, what.calls()[i].arguments));
      if (!what.has_text())
        message["content"] = nullptr;
    }
    auto choices = json::array();
    choices.push_back({{"index", 0},
                       {"message", std::move(message)},
                       {"logprobs", nullptr},
                       {"finish_reason", what.finish.empty() ? json(nullptr) : json(what.finish)}});
    json result = head(what, "chat.completion");
    result["choices"] = std::move(choices);
    if (what.report_usage)
      result["usage"] = usage_of(what, what.count());
    result["service_tier"] = "default";
    result["system_fingerprint"] = nullptr;
    return dump(result);
  }

  /// The first delta has the role and no text.
  std::string opening(const answer& what) const override {
    return chunk(what, {{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, false);
  }

  std::string reasoning(const answer& what, std::string_view text) const override {
    json delta = {{what.reasoning_field, text}};
    if (what.wants == wanted::reasoning_details)
      delta["reasoning_details"] = details(what, text, false);
    return chunk(what, std::move(delta), false);
  }

  /// The signature comes when the reasoning is over.
  std::vector<std::string> before_tokens(const answer& what) const override {
    if (what.wants != wanted::reasoning_details || what.reasoning().empty())
      return {};
    return {chunk(what, {{"reasoning_details", details(what, "", true)}}, false)};
  }

  std::string token(const answer& what, std::string_view text, std::size_t, bool finish) const override {
    return chunk(what, {{what.refusal ? "refusal" : "content", text}}, finish);
  }

  std::vector<std::string> calls(const answer& what) const override {
    std::vector<chunk_list> of_calls;
    for (std::size_t i = 0; i < what.calls().size(); ++i)
      of_calls.push_back(call_chunks(what, i));
    return what.interleave ? in_turns(of_calls) : one_by_one(of_calls);
  }

  std::string finish(const answer& what, std::size_t) const override {
    return chunk(what, json::object(), true);
  }

  std::vector<std::string> tail(const answer& what, std::size_t sent) const override {
    std::vector<std::string> result;
    if (what.include_usage && what.report_usage) {
      auto last = head(what, "chat.completion.chunk");
      last["choices"] = json::array();
      last["usage"] = usage_of(what, sent);
      result.push_back(dump(last));
    }
    if (what.done_marker)
      result.emplace_back("[DONE]");
    return result;
  }

  std::string_view stream_type() const override { return "text/event-stream; charset=utf-8"; }

  std::string_view whole_type() const override { return "application/json"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string& id) const override {
    return {{"x-request-id", "req_sim" + id},
            {"openai-processing-ms", "1"},
            {"openai-version", "2020-10-01"},
            {"x-ratelimit-remaining-requests", "9999"},
            {"x-ratelimit-reset-requests", "6ms"}};
  }

private:
  /// Its name first, then the arguments in pieces.
  static chunk_list call_chunks(const answer& what, std::size_t index) {
    chunk_list result;
    const auto add = [&](const json& call) {
      json indexed = {{"index", index}};
      indexed.update(call);
      result.push_back(chunk(what, {{"tool_calls", json::array({std::move(indexed)})}}, false));
    };
    add(begun(what, index, ""));
    for (const auto& piece : what.calls()[index].pieces)
      add({{"function", {{"arguments", piece}}}});
    return result;
  }

  /// Of calls that are made at once the first is signed, where Gemini answers by OpenAI's protocol.
  static json begun(const answer& what, std::size_t index, std::string_view arguments) {
    const auto& call = what.calls()[index];
    json result = {
      {"id", call.id}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", arguments}}}};
    if (index == 0 && what.wants == wanted::thought_signature)
      result["extra_content"]["google"]["thought_signature"] = what.signature;
    return result;
  }

  /// The reasoning as OpenRouter has it beside the text of it.
  static json details(const answer& what, std::string_view text, bool with_signature) {
    json result = {{"type", "reasoning.text"}, {"text", text}};
    if (with_signature)
      result["signature"] = what.signature;
    result["id"] = "reasoning-sim" + what.id;
    result["format"] = "anthropic-claude-v1";
    result["index"] = 0;
    return json::array({std::move(result)});
  }

  static json head(const answer& what, const char* object) {
    return {{"id", "chatcmpl-sim" + what.id},
            {"object", object},
            {"created", std::time(nullptr)},
            {"model", what.model}};
  }

  static std::string chunk(const answer& what, json delta, bool finish) {
    json choice = {{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", nullptr}};
    if (finish && !what.finish.empty())
      choice["finish_reason"] = what.finish;
    auto choices = json::array();
    choices.push_back(std::move(choice));
    auto result = head(what, "chat.completion.chunk");
    result["service_tier"] = "default";
    result["choices"] = std::move(choices);
    if (what.include_usage)
      result["usage"] = nullptr;
    if (what.obfuscate)
      result["obfuscation"] = "padding";
    return dump(result);
  }
};

} // namespace

const dialect& openai_dialect() noexcept {
  static const openai instance;
  return instance;
}

} // namespace magna::simulator
