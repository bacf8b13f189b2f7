#include <magna/simulator/manners.hpp>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

std::string_view finish_word(std::string_view finish) {
  if (finish == "stop" || finish == "tool_calls")
    return "STOP";
  if (finish == "length")
    return "MAX_TOKENS";
  if (finish == "content_filter")
    return "SAFETY";
  return finish;
}

class gemini final : public dialect {
public:
  std::string whole(const answer& what, std::string_view text) const override {
    auto parts = json::array();
    if (!what.reasoning().empty())
      parts.push_back({{"text", what.reasoning_text()}, {"thought", true}});
    if (!text.empty())
      parts.push_back({{"text", text}});
    for (std::size_t i = 0; i < what.calls().size(); ++i)
      parts.push_back(part_of(what, i));
    json candidate = json::object();
    // A candidate that was blocked has no content at all.
    if (what.finish != "content_filter") {
      candidate["content"] = {{"role", "model"}};
      if (!parts.empty())
        candidate["content"]["parts"] = std::move(parts);
    }
    add_finish(candidate, what);
    return dump(chunk(what, std::move(candidate), what.count()), 2) + "\n";
  }

  std::string opening(const answer&) const override { return {}; }

  std::string reasoning(const answer& what, std::string_view text) const override {
    json part = {{"text", text}, {"thought", true}};
    return dump(chunk(what, content(std::move(part)), 0));
  }

  std::string token(const answer& what, std::string_view text, std::size_t sent, bool finish) const override {
    auto candidate = content({{"text", text}});
    if (finish)
      add_finish(candidate, what);
    else
      candidate["index"] = 0;
    return dump(chunk(what, std::move(candidate), sent + 1));
  }

  /// Each whole, in a chunk of its own.
  std::vector<std::string> calls(const answer& what) const override {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < what.calls().size(); ++i) {
      auto candidate = content(part_of(what, i));
      candidate["index"] = 0;
      result.push_back(dump(chunk(what, std::move(candidate), what.count())));
    }
    return result;
  }

  std::string finish(const answer& what, std::size_t sent) const override {
    json candidate = json::object();
    if (what.finish != "content_filter")
      candidate["content"] = {{"role", "model"}};
    add_finish(candidate, what);
    return dump(chunk(what, std::move(candidate), sent));
  }

  std::vector<std::string> tail(const answer&, std::size_t) const override { return {}; }

  std::string_view stream_type() const override { return "text/event-stream"; }

  std::string_view whole_type() const override { return "application/json; charset=UTF-8"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string&) const override {
    return {{"Vary", "Origin"}, {"Server-Timing", "gfet4t7; dur=1"}};
  }

private:
  /// Of calls that are made at once the first is signed.
  static json part_of(const answer& what, std::size_t index) {
    const auto& call = what.calls()[index];
    json result = {
      {"functionCall", {{"id", call.id}, {"name", call.name}, {"args", json::parse(call.arguments)}}}};
    if (index == 0)
      result["thoughtSignature"] = what.signature;
    return result;
  }

  static json content(json part) {
    auto parts = json::array();
    parts.push_back(std::move(part));
    return {{"content", {{"parts", std::move(parts)}, {"role", "model"}}}};
  }

  static void add_finish(json& candidate, const answer& what) {
    if (!what.finish.empty())
      candidate["finishReason"] = finish_word(what.finish);
    candidate["index"] = 0;
  }

  /// Usage is cumulative and comes with every chunk.
  static json chunk(const answer& what, json candidate, std::size_t tokens) {
    auto candidates = json::array();
    candidates.push_back(std::move(candidate));
    json result = {{"candidates", std::move(candidates)}};
    if (what.report_usage) {
      auto usage = what.usage(tokens);
      json numbers = {{"promptTokenCount", usage.prompt}};
      if (usage.completion > 0)
        numbers["candidatesTokenCount"] = usage.completion;
      numbers["totalTokenCount"] = usage.prompt + usage.completion + usage.reasoning;
      if (usage.cached > 0)
        numbers["cachedContentTokenCount"] = usage.cached;
      if (usage.reasoning > 0)
        numbers["thoughtsTokenCount"] = usage.reasoning;
      result["usageMetadata"] = std::move(numbers);
    }
    result["modelVersion"] = what.model;
    result["responseId"] = "sim-" + what.id;
    return result;
  }
};

} // namespace

const dialect& gemini_dialect() noexcept {
  static const gemini instance;
  return instance;
}

} // namespace magna::simulator
