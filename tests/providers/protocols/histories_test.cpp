// Histories travel: whatever led a conversation, each protocol's document of it is one that the real API takes.

#include <algorithm>
#include <random>
#include <vector>

#include <magna/providers/conversation.hpp>
#include <magna/simulator/history_form.hpp>
#include <magna/tests/providers/protocols/encoding.hpp>

using namespace magna;
using test::body_for;
using test::json;

namespace {

/// Conversations as models of all providers lead them, and as applications keep them: each seed is another one.
class history_maker {
public:
  explicit history_maker(std::uint32_t seed) : random_(seed) {}

  request make() {
    request result;
    if (chance(2))
      result.system_prompt = "Be terse.";
    result.tools = {{.name = "look_up"}, {.name = "now"}};
    result.messages.push_back({role::user, "hi"});
    for (auto turns = below(6) + 1; turns > 0; --turns)
      add_turn(result.messages);
    if (!chance(4))
      result.messages.push_back({role::user, "And now?"});
    return result;
  }

private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
  }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + below(values.size()));
  }

  std::string text() {
    return one_of<std::string>({"Well.", "日本語", "a\nb", "", " ", "\n\t", "\xc2\xa0", "trailing "});
  }

  std::string id() {
    const auto number = std::to_string(below(3));
    return one_of<std::string>(
      {"call_" + number, "call_0O8yq2PEmRzCBNrkWpCFDMp" + number, "toolu_01A09q90qw90lq91778" + number,
       "functions.look_up:" + number, "chatcmpl-tool-0123456789abcdef0123456789abcde" + number,
       "D681PevK" + number, "function-call-1234567890123456789" + number,
       "call_" + number + "__thought__" + std::string(90, 'x'), "ID mit Leerzeichen " + number, "日" + number,
       std::string(300, 'l') + number});
  }

  std::string name() {
    return one_of<std::string>({"look_up", "now", "default_api.look_up", "functions.now", "default_api:now",
                                "gone", "no such tool", "9lives", std::string(80, 'n'), "日本"});
  }

  std::vector<opaque_item> items() {
    if (chance(2))
      return {};
    return {one_of<opaque_item>(
      {{"gemini", "thought_signature", "c2ln"},
       {"openai", "reasoning_content", "hm"},
       {"openai", "extra_content", R"({"google":{"thought_signature":"c2ln"}})"},
       {"openai", "reasoning_details", R"([{"type":"reasoning.text","text":"hm"}])"},
       {"anthropic", "thinking", R"({"type":"thinking","thinking":"hm","signature":"s"})"},
       {"ollama", "thinking", "hm"},
       {"strange", "thing", "x"}})};
  }

  void add_turn(std::vector<chat_message>& to) {
    switch (below(5)) {
      case 0:
        to.push_back({role::user, text()});
        return;
      case 1:
        to.push_back({.from = role::assistant, .content = text(), .items = items()});
        return;
      case 2:
        to.push_back(
          {.from = role::user, .content = text(), .images = {{.mime_type = "image/png", .data = "AAAA"}}});
        return;
      case 3:
        to.push_back({role::system, text()});
        return;
      default:
        add_calls(to);
    }
  }

  /// Calls, and results in any order, some of them late, some missing, with words in between.
  void add_calls(std::vector<chat_message>& to) {
    chat_message message{.from = role::assistant, .content = text(), .items = items()};
    std::vector<chat_message> more;
    for (auto calls = below(4) + 1; calls > 0; --calls) {
      message.tool_calls.push_back(
        {.id = id(), .name = name(), .arguments = R"({"word":"cafe"})", .items = items()});
      if (!chance(6))
        more.push_back({.from = role::tool,
                        .content = text(),
                        .tool_call_id = message.tool_calls.back().id,
                        .is_error = chance(4)});
    }
    if (chance(4))
      more.push_back({role::user, "Are you there?"});
    std::ranges::shuffle(more, random_);
    to.push_back(std::move(message));
    to.insert(to.end(), more.begin(), more.end());
  }

  std::mt19937 random_;
};

struct reader {
  std::string_view kind;
  std::string_view model;
  simulator::protocol protocol;
};

constexpr reader readers[] = {{"openai", "gpt-6-luna", simulator::protocol::openai},
                              {"openai", "mistral-large", simulator::protocol::openai},
                              {"anthropic", "claude-haiku-5-5", simulator::protocol::anthropic},
                              {"gemini", "gemini-3.8-flash", simulator::protocol::gemini},
                              {"gemini", "gemma-3-27b-it", simulator::protocol::gemini},
                              {"ollama", "gemma4", simulator::protocol::ollama}};

/// The texts of results, wherever the protocol has them, in order.
std::size_t results_in(const json& document) {
  std::size_t count = 0;
  for (const auto* list : {"messages", "contents"})
    for (const auto& message : document.value(list, json::array())) {
      count += message.value("role", "") == "tool" ? 1 : 0;
      for (const auto* inner : {"content", "parts"})
        if (message.contains(inner) && message[inner].is_array())
          for (const auto& part : message[inner])
            count += part.value("type", "") == "tool_result" || part.contains("functionResponse") ? 1 : 0;
    }
  return count;
}

std::size_t calls_in(const request& question) {
  std::size_t count = 0;
  for (const auto& message : question.messages)
    count += message.tool_calls.size();
  return count;
}

} // namespace

SUITE("histories") {

TEST("3000 histories of all kinds are accepted by every protocol") {
  for (std::uint32_t seed = 0; seed < 3'000; ++seed) {
    const auto question = history_maker{seed}.make();
    for (const auto& to : readers) {
      const auto document = body_for(to.kind, to.model, question);
      const auto problem =
        simulator::problem_with_history(to.protocol, document, simulator::signatures::are_wanted);
      if (problem)
        fail("seed {}, {} {}: {}\n{}", seed, to.kind, to.model, *problem, document.dump());
      if (results_in(document) != calls_in(question))
        fail("seed {}, {} {}: {} results of {} calls", seed, to.kind, to.model, results_in(document),
             calls_in(question));
    }
  }
  check(true);
}

TEST("Mistral's calls have IDs of nine letters or digits, whoever made them") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const auto document = body_for("openai", "mistral-large", history_maker{seed}.make());
    for (const auto& message : document["messages"])
      for (const auto& call : message.value("tool_calls", json::array())) {
        const auto id = call["id"].get<std::string>();
        check(id.size() == 9 && std::ranges::all_of(id, [](char c) {
                return std::isalnum(static_cast<unsigned char>(c)) != 0;
              }));
      }
  }
}

TEST("a conversation that goes on begins in the same words") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    auto question = history_maker{seed}.make();
    question.messages.push_back({role::user, "Well."});
    const auto before = body_for("openai", "m", question)["messages"];
    question.messages.push_back({role::assistant, "Yes?"});
    question.messages.push_back({role::user, "No."});
    const auto after = body_for("openai", "m", question)["messages"];
    require(after.size() > before.size());
    check(std::equal(before.begin(), before.end(), after.begin()));
  }
}

} // SUITE("histories")
