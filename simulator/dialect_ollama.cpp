#include <magna/simulator/manners.hpp>

namespace magna::simulator {

namespace {

using json = nlohmann::ordered_json;

class ollama final : public dialect {
public:
  std::string whole(const answer& what, std::string_view text) const override {
    json message = {{"role", "assistant"}, {"content", text}};
    if (!what.reasoning().empty())
      message["thinking"] = what.reasoning_text();
    for (std::size_t i = 0; i < what.calls().size(); ++i)
      message["tool_calls"].push_back(call_of(what, i));
    return end(what, std::move(message), what.count());
  }

  std::string opening(const answer&) const override { return {}; }

  std::string reasoning(const answer& what, std::string_view text) const override {
    return line(what, {{"role", "assistant"}, {"content", ""}, {"thinking", text}});
  }

  std::string token(const answer& what, std::string_view text, std::size_t sent, bool finish) const override {
    json message = {{"role", "assistant"}, {"content", text}};
    return finish ? end(what, std::move(message), sent + 1) : line(what, std::move(message));
  }

  /// Each whole, in a line of its own.
  std::vector<std::string> calls(const answer& what) const override {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < what.calls().size(); ++i)
      result.push_back(line(
        what, {{"role", "assistant"}, {"content", ""}, {"tool_calls", json::array({call_of(what, i)})}}));
    return result;
  }

  std::string finish(const answer& what, std::size_t sent) const override {
    return end(what, {{"role", "assistant"}, {"content", ""}}, sent);
  }

  std::vector<std::string> tail(const answer&, std::size_t) const override { return {}; }

  std::string_view stream_type() const override { return "application/x-ndjson"; }

  std::string_view whole_type() const override { return "application/json; charset=utf-8"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string&) const override { return {}; }

private:
  static json call_of(const answer& what, std::size_t index) {
    const auto& call = what.calls()[index];
    return {
      {"id", call.id},
      {"function", {{"index", index}, {"name", call.name}, {"arguments", json::parse(call.arguments)}}}};
  }

  static json head(const answer& what, json message) {
    return {{"model", what.model}, {"created_at", rfc3339_now()}, {"message", std::move(message)}};
  }

  static std::string line(const answer& what, json message) {
    auto result = head(what, std::move(message));
    result["done"] = false;
    return dump(result);
  }

  /// The last line. Durations are in nanoseconds; counts of 0 are left out, as Ollama does.
  static std::string end(const answer& what, json message, std::size_t tokens) {
    auto result = head(what, std::move(message));
    result["done"] = !what.finish.empty();
    if (!what.finish.empty())
      result["done_reason"] = what.finish == "tool_calls" ? "stop" : what.finish;
    if (what.report_usage && !what.load_only) {
      auto usage = what.usage(tokens);
      auto count = usage.completion + usage.reasoning;
      result["total_duration"] = 1'000'000 * (count + 2);
      result["load_duration"] = 1'000'000;
      if (usage.prompt > 0)
        result["prompt_eval_count"] = usage.prompt;
      result["prompt_eval_duration"] = 1'000'000;
      if (count > 0)
        result["eval_count"] = count;
      result["eval_duration"] = 1'000'000 * count;
    }
    return dump(result);
  }
};

} // namespace

const dialect& ollama_dialect() noexcept {
  static const ollama instance;
  return instance;
}

} // namespace magna::simulator
