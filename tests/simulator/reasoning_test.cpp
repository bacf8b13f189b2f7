#include <magna/tests/simulator/played.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using magna::test::payloads;
using magna::test::play;
using nlohmann::json;

namespace {

/// The data of an Anthropic stream's events.
std::vector<json> anthropic_events(std::string_view body) {
  std::vector<json> result;
  for (auto rest = body; !rest.empty(); rest.remove_prefix(rest.find("\n\n") + 2)) {
    const auto data = rest.find("data: ") + 6;
    result.push_back(json::parse(rest.substr(data, rest.find("\n\n") - data)));
  }
  return result;
}

/// The deltas of an OpenAI stream.
std::vector<json> openai_deltas(std::string_view body) {
  std::vector<json> result;
  for (const auto& payload : payloads(body, protocol::openai)) {
    const auto choices = payload == "[DONE]" ? json::array() : json::parse(payload)["choices"];
    if (!choices.empty())
      result.push_back(choices[0]["delta"]);
  }
  return result;
}

/// The pieces of an OpenAI stream's reasoning, each with a bar after it.
std::string openai_pieces(std::string_view options, const char* field) {
  std::string result;
  for (const auto& delta : openai_deltas(play(options, protocol::openai).body))
    if (delta.contains(field))
      result += delta[field].get<std::string>() + "|";
  return result;
}

} // namespace

SUITE("simulator reasoning") {

TEST("reasoning is streamed in several pieces by every protocol") {
  constexpr auto step = R"(ok(reasoning="I think so.", text=Yes))";
  constexpr auto pieces = "I| think| so.|";
  check_eq(openai_pieces(step, "reasoning_content"), pieces);
  std::string gemini;
  for (const auto& payload : payloads(play(step, protocol::gemini).body, protocol::gemini)) {
    const auto content = json::parse(payload)["candidates"][0]["content"];
    for (const auto& part : content.value("parts", json::array()))
      if (part.value("thought", false))
        gemini += part["text"].get<std::string>() + "|";
  }
  check_eq(gemini, pieces);
  std::string ollama;
  for (const auto& payload : payloads(play(step, protocol::ollama).body, protocol::ollama))
    if (const auto message = json::parse(payload)["message"]; message.contains("thinking"))
      ollama += message["thinking"].get<std::string>() + "|";
  check_eq(ollama, pieces);
  std::string anthropic;
  for (const auto& event : anthropic_events(play(step, protocol::anthropic).body))
    if (event["type"] == "content_block_delta" && event["delta"]["type"] == "thinking_delta")
      anthropic += event["delta"]["thinking"].get<std::string>() + "|";
  check_eq(anthropic, pieces);
}

TEST("what OpenAI's reasoning is called can be chosen") {
  constexpr auto step = R"(ok(reasoning="I think so.", text=Yes, reasoning_field=reasoning))";
  check_eq(openai_pieces(step, "reasoning"), "I| think| so.|");
  check_eq(openai_pieces(step, "reasoning_content"), "");
  const auto whole = json::parse(play(step, protocol::openai, false).body)["choices"][0]["message"];
  check_eq(whole["reasoning"], "I think so.");
  check(!whole.contains("reasoning_content"));
  const auto other =
    json::parse(play("ok(reasoning=Hm, reasoning_field=reasoning_content)", protocol::openai, false)
                  .body)["choices"][0]["message"];
  check_eq(other["reasoning_content"], "Hm");
  check(!other.contains("reasoning"));
}

} // SUITE("simulator reasoning")
