#include <string>

#include "fixture.hpp"

using namespace magna::test;
using magna::simulator::protocol;

WITH_FIXTURE(e2e) {

SUITE("e2e.features") {

TEST("a call of a tool is part of the completion") {
  write("tools.json",
        R"([{"name": "look_up", "description": "Finds a word.", "parameters": {"type": "object"}}])");
  use(protocol::anthropic);
  steps(R"(all=ok(call="look_up {\"word\": \"x\"}"))");
  for (const std::string kind : {"gemini", "openai", "anthropic", "ollama"}) {
    const auto result = ask({"--provider", kind, "--tools", "tools.json", "--json"});
    check_eq(result.status, 0);
    const auto end = last_line(result);
    check_eq(end.at("finish_reason"), "tool_calls");
    check_eq(end.at("text"), "");
    require_eq(end.at("tool_calls").size(), 1u);
    check_eq(end.at("tool_calls").at(0).at("name"), "look_up");
    check_eq(end.at("tool_calls").at(0).at("arguments").dump(), R"({"word":"x"})");
    check_ne(end.at("tool_calls").at(0).at("id"), "");
    check_ne(sim.requests().back().body.find("Finds a word."), std::string::npos);
    const auto plain = ask({"--provider", kind, "--tools", "tools.json"});
    check_eq(plain.out, "");
    check_ne(plain.err.find("look_up with {\"word\":"), std::string::npos);
  }
}

TEST("a provider that can't do what is asked is not asked, and the next one answers") {
  const auto result = ask({"--provider", "gemini,openai", "--image", "https://example.org/a.png", "--json"});
  check_eq(result.status, 0);
  const auto end = last_line(result);
  check_eq(end.at("provider"), "openai");
  check_eq(trail(end), words{"gemini:invalid_request", "openai:ok"});
  check_ne(
    end.at("attempts").at(0).at("message").get<std::string>().find("Gemini does not support image URLs"),
    std::string::npos);
  check_eq(generations(), words{"openai"});
}

TEST("where no provider can do what is asked, the error names each of them and what it lacks") {
  const auto one = ask({"--provider", "gemini", "--image", "https://example.org/a.png", "--json"});
  check_eq(one.status, 1);
  check_eq(last_line(one).at("error"), "invalid_request");
  check_ne(last_line(one).at("message").get<std::string>().find("Gemini does not support image URLs"),
           std::string::npos);
  const auto both = ask({"--provider", "gemini,ollama", "--image", "https://example.org/a.png", "--json"});
  check_eq(last_line(both).at("error"), "invalid_request");
  const auto why = last_line(both).at("message").get<std::string>();
  check_ne(why.find("Gemini does not support"), std::string::npos);
  check_ne(why.find("Ollama does not support"), std::string::npos);
  check_eq(generations(), words{});
}

TEST("pictures, a schema and the effort go to the provider") {
  write("a.png", std::string{"\x89PNG\r\n\x1a\n"} + "rest");
  write("schema.json", R"({"type": "object"})");
  steps(R"(all=ok(text="{}"))");
  const auto result = ask({"--provider", "ollama", "--image", "a.png", "--json-schema", "schema.json",
                           "--reasoning-effort", "low"});
  check_eq(result.status, 0);
  const auto sent = json::parse(sim.requests().at(0).body);
  check_eq(sent.at("format").dump(), R"({"type":"object"})");
  check_eq(sent.at("think"), true);
  check_eq(sent.at("messages").at(0).at("images").at(0), "iVBORw0KGgpyZXN0");
  const auto wrong = ask({"--image", "schema.json"});
  check_eq(wrong.status, 2);
  check_ne(wrong.err.find("is no picture"), std::string::npos);
}

} // SUITE("e2e.features")

} // WITH_FIXTURE(e2e)
