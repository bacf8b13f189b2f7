#include <magna/simulator/manners.hpp>

#include <algorithm>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

/// The common words as Anthropic says them; words of its own stay.
json stop_reason_of(const answer& what) {
  const auto& word = what.finish;
  return word.empty()               ? json(nullptr)
         : word == "stop"           ? json("end_turn")
         : word == "length"         ? json("max_tokens")
         : word == "content_filter" ? json("refusal")
         : word == "tool_calls"     ? json("tool_use")
                                    : json(word);
}

/// Every event begins with its type: the writer of lines reads it from there.
class anthropic final : public dialect {
public:
  std::string whole(const answer& what, std::string_view text) const override {
    auto content = json::array();
    if (!what.reasoning().empty())
      content.push_back(
        {{"type", "thinking"}, {"thinking", what.reasoning_text()}, {"signature", what.signature}});
    if (!text.empty())
      content.push_back({{"type", "text"}, {"text", text}});
    for (const auto& call : what.calls())
      content.push_back(begun(call, json::parse(call.arguments)));
    auto result = message(what);
    result["content"] = std::move(content);
    result["stop_reason"] = stop_reason_of(what);
    if (what.report_usage)
      result["usage"] = usage_at_start(what, what.count());
    return dump(result);
  }

  std::string opening(const answer& what) const override {
    auto begun = message(what);
    if (what.report_usage)
      begun["usage"] = usage_at_start(what, 0);
    return dump({{"type", "message_start"}, {"message", std::move(begun)}});
  }

  std::vector<std::string> before_reasoning(const answer&) const override {
    return {block_start(0, {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}})};
  }

  std::string reasoning(const answer&, std::string_view text) const override {
    return delta(0, {{"type", "thinking_delta"}, {"thinking", text}});
  }

  std::vector<std::string> before_tokens(const answer& what) const override {
    std::vector<std::string> result;
    if (!what.reasoning().empty()) {
      result.push_back(delta(0, {{"type", "signature_delta"}, {"signature", what.signature}}));
      result.push_back(block_stop(0));
    }
    if (what.has_text())
      result.push_back(block_start(text_block(what), {{"type", "text"}, {"text", ""}}));
    return result;
  }

  std::string token(const answer& what, std::string_view text, std::size_t, bool) const override {
    return delta(text_block(what), {{"type", "text_delta"}, {"text", text}});
  }

  std::vector<std::string> after_tokens(const answer& what) const override {
    if (!what.has_text())
      return {};
    return {block_stop(text_block(what))};
  }

  /// Each a block that begins without arguments; they follow in pieces, the first of them empty.
  std::vector<std::string> calls(const answer& what) const override {
    std::vector<std::string> result;
    int index = text_block(what) + (what.has_text() ? 1 : 0);
    const auto add = [&](std::string_view piece) {
      result.push_back(delta(index, {{"type", "input_json_delta"}, {"partial_json", piece}}));
    };
    for (const auto& call : what.calls()) {
      result.push_back(block_start(index, begun(call, json::object())));
      add("");
      for (const auto& piece : call.pieces)
        add(piece);
      result.push_back(block_stop(index++));
    }
    return result;
  }

  std::string finish(const answer& what, std::size_t sent) const override {
    json result = {{"type", "message_delta"},
                   {"delta", {{"stop_reason", stop_reason_of(what)}, {"stop_sequence", nullptr}}}};
    if (what.report_usage)
      result["usage"] = {{"output_tokens", output_tokens(what, sent)}};
    return dump(result);
  }

  std::vector<std::string> tail(const answer&, std::size_t) const override {
    return {R"({"type":"message_stop"})"};
  }

  std::string_view stream_type() const override { return "text/event-stream; charset=utf-8"; }

  std::string_view whole_type() const override { return "application/json"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string& id) const override {
    return {{"request-id", "req_sim" + id}, {"anthropic-ratelimit-requests-remaining", "9999"}};
  }

private:
  static json begun(const call_of_answer& call, json input) {
    return {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", std::move(input)}};
  }

  static int text_block(const answer& what) { return what.reasoning().empty() ? 0 : 1; }

  static json message(const answer& what) {
    return {{"id", "msg_sim" + what.id}, {"type", "message"},        {"role", "assistant"},
            {"model", what.model},       {"content", json::array()}, {"stop_reason", nullptr},
            {"stop_sequence", nullptr}};
  }

  static std::uint64_t output_tokens(const answer& what, std::size_t tokens) {
    const auto usage = what.usage(tokens);
    return usage.completion + usage.reasoning;
  }

  static json usage_at_start(const answer& what, std::size_t tokens) {
    const auto usage = what.usage(tokens);
    return {{"input_tokens", usage.prompt - std::min(usage.prompt, usage.cached)},
            {"cache_creation_input_tokens", 0},
            {"cache_read_input_tokens", usage.cached},
            {"output_tokens", tokens == 0 ? 1 : output_tokens(what, tokens)}};
  }

  static std::string block_start(int index, json block) {
    return dump({{"type", "content_block_start"}, {"index", index}, {"content_block", std::move(block)}});
  }

  static std::string delta(int index, json piece) {
    return dump({{"type", "content_block_delta"}, {"index", index}, {"delta", std::move(piece)}});
  }

  static std::string block_stop(int index) {
    return dump({{"type", "content_block_stop"}, {"index", index}});
  }
};

} // namespace

const dialect& anthropic_dialect() noexcept {
  static const anthropic instance;
  return instance;
}

} // namespace magna::simulator
