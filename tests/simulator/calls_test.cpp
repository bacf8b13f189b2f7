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

constexpr auto two_calls = R"(ok(call="look_up {\"word\": \"caf\u00e9\"}", call=now))";

} // namespace

SUITE("simulator calls of tools") {

TEST("OpenAI's calls are streamed by index: the name first, then the arguments in pieces") {
  std::vector<json> deltas;
  std::string arguments;
  for (const auto& payload : payloads(play(two_calls, protocol::openai).body, protocol::openai)) {
    const auto choices = payload == "[DONE]" ? json::array() : json::parse(payload)["choices"];
    // The last but one has the usage only.
    if (choices.empty())
      continue;
    const auto& choice = choices[0];
    if (choice["delta"].contains("tool_calls"))
      deltas.push_back(choice["delta"]["tool_calls"].at(0));
    else if (!choice["finish_reason"].is_null())
      check_eq(choice["finish_reason"], "tool_calls");
  }
  require_eq(deltas.size(), 6u);
  check_eq(
    deltas[0].dump(),
    R"({"function":{"arguments":"","name":"look_up"},"id":"call_sim0_1","index":0,"type":"function"})");
  for (std::size_t i = 1; i < 4; ++i) {
    check_eq(deltas[i]["index"], 0);
    check(!deltas[i].contains("id"));
    arguments += deltas[i]["function"]["arguments"].get<std::string>();
  }
  check_eq(arguments, "{\"word\": \"caf\xC3\xA9\"}");
  check_eq(deltas[4]["id"], "call_sim0_2");
  check_eq(deltas[5].dump(), R"({"function":{"arguments":"{}"},"index":1})");
  const auto whole = json::parse(play(two_calls, protocol::openai, false).body)["choices"][0];
  check(whole["message"]["content"].is_null());
  check_eq(whole["message"]["tool_calls"][0]["function"]["arguments"], arguments);
  check_eq(whole["message"]["tool_calls"][1]["function"]["name"], "now");
  check_eq(whole["finish_reason"], "tool_calls");
}

TEST("the pieces of several calls of OpenAI's can take turns") {
  const auto pieces_of = [](const char* step) {
    std::string result;
    for (const auto& payload : payloads(play(step, protocol::openai).body, protocol::openai)) {
      const auto choices = payload == "[DONE]" ? json::array() : json::parse(payload)["choices"];
      if (choices.empty() || !choices[0]["delta"].contains("tool_calls"))
        continue;
      const auto& call = choices[0]["delta"]["tool_calls"].at(0);
      result += call["index"].dump() + call["function"].value("name", "");
      result += call["function"]["arguments"].get<std::string>() + " ";
    }
    return result;
  };
  check_eq(pieces_of(R"(ok(interleave=true, call="a {\"x\":123456789}", call=b, call="c {\"y\":12345}"))"),
           R"(0a 1b 2c 0{"x":123 1{} 2{"y":123 0456789} 245} )");
  check_eq(pieces_of(R"(ok(call="a {\"x\":123456789}", call=b))"), R"(0a 0{"x":123 0456789} 1b 1{} )");
  // A fault counts the pieces in the order in which they come.
  check_eq(pieces_of(R"(cut(after=3, interleave=true, call="a {\"x\":123456789}", call=b))"),
           R"(0a 1b 0{"x":123 )");
  const auto whole = [](const char* step) {
    return json::parse(play(step, protocol::openai, false).body)["choices"];
  };
  check(whole("ok(call=a, call=b)") == whole("ok(interleave=true, call=a, call=b)"));
}

TEST("Anthropic's calls are blocks, whose arguments come in pieces") {
  std::string kinds;
  std::string arguments;
  std::string_view rest;
  const auto body =
    play(R"(ok(text="Let me see.", call="look_up {\"word\": \"sky\"}", call=now))", protocol::anthropic).body;
  for (rest = body; !rest.empty(); rest.remove_prefix(rest.find("\n\n") + 2)) {
    const auto data = rest.find("data: ") + 6;
    const auto event = json::parse(rest.substr(data, rest.find("\n\n") - data));
    if (event["type"] == "content_block_start")
      kinds += event["index"].dump() + event["content_block"]["type"].get<std::string>() + ' ';
    if (event["type"] == "content_block_start" && event["content_block"]["type"] == "tool_use")
      check_eq(event["content_block"]["input"].dump(), "{}");
    if (event["type"] == "content_block_delta" && event["delta"]["type"] == "input_json_delta"
        && event["index"] == 1)
      arguments += event["delta"]["partial_json"].get<std::string>() + '|';
    if (event["type"] == "message_delta")
      check_eq(event["delta"]["stop_reason"], "tool_use");
  }
  check_eq(kinds, "0text 1tool_use 2tool_use ");
  check_eq(arguments, R"(|{"word":| "sky"}|)");
  const auto whole = json::parse(play(two_calls, protocol::anthropic, false).body);
  require_eq(whole["content"].size(), 2u);
  check_eq(whole["content"][0].dump(),
           R"({"id":"toolu_sim0_1","input":{"word":"café"},"name":"look_up","type":"tool_use"})");
  check_eq(whole["stop_reason"], "tool_use");
}

TEST("Gemini's calls come whole, the first of them signed, and its finish reason is STOP") {
  std::vector<json> parts;
  for (const auto& payload : payloads(play(two_calls, protocol::gemini).body, protocol::gemini)) {
    const auto candidate = json::parse(payload)["candidates"][0];
    for (const auto& part : candidate["content"].value("parts", json::array()))
      parts.push_back(part);
    if (candidate.contains("finishReason"))
      check_eq(candidate["finishReason"], "STOP");
  }
  const auto whole = json::parse(play(two_calls, protocol::gemini, false).body)["candidates"][0];
  check(whole["content"]["parts"] == json(parts));
  require_eq(parts.size(), 2u);
  check_eq(parts[0]["functionCall"]["args"]["word"], "café");
  check(parts[0].contains("thoughtSignature"));
  check_eq(parts[1].dump(), R"({"functionCall":{"args":{},"id":"sim0_2","name":"now"}})");
}

TEST("Ollama's calls come whole, and it is done because it stops") {
  std::vector<json> calls;
  for (const auto& payload : payloads(play(two_calls, protocol::ollama).body, protocol::ollama)) {
    const auto line = json::parse(payload);
    for (const auto& call : line["message"].value("tool_calls", json::array()))
      calls.push_back(call["function"]);
    if (line["done"] == true)
      check_eq(line["done_reason"], "stop");
  }
  require_eq(calls.size(), 2u);
  check_eq(calls[0].dump(), R"({"arguments":{"word":"café"},"index":0,"name":"look_up"})");
  check_eq(calls[1].dump(), R"({"arguments":{},"index":1,"name":"now"})");
  const auto whole = json::parse(play(two_calls, protocol::ollama, false).body)["message"];
  check_eq(whole["tool_calls"].size(), 2u);
}

TEST("a fault strikes inside of a call, too") {
  constexpr auto call = R"(call="look_up {\"word\": \"sky\"}")";
  const auto cut = [&](std::string_view where) {
    const auto result = play("cut(" + std::string{where} + ", " + call + ")", protocol::openai);
    check(result.end == action::kind::cut);
    return result.body;
  };
  // The role, the name, one piece of the arguments.
  check_eq(payloads(cut("after=2"), protocol::openai).size(), 3u);
  check_eq(payloads(cut("after=99"), protocol::openai).size(), 4u);
  const auto line = cut("at=line, after=2");
  check_eq(payloads(line.substr(0, line.rfind("data: ")), protocol::openai).size(), 3u);
  check(!line.ends_with("\n"));
  check_ne(cut("at=finish").find("\"finish_reason\":\"tool_calls\""), std::string::npos);
}

} // SUITE("simulator calls of tools")
