#include <string>

#include "fixture.hpp"

using namespace magna::test;
using magna::simulator::protocol;

WITH_FIXTURE(e2e) {

SUITE("e2e.features") {

TEST("a call of a tool is part of the completion") {
  write("tools.json",
        R"([{"name": "look_up", "description": "Finds a word.", "parameters": {"type": "object"}}])");
  steps(
    R"(openai=raw(content_type=text/event-stream, body="data: {\"model\":\"m\",\"choices\":[{\"index\":0,)"
    R"(\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"look_up\",)"
    R"(\"arguments\":\"{\\\"word\\\":\"}}]}}]}\n\ndata: {\"model\":\"m\",\"choices\":[{\"index\":0,)"
    R"(\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"x\\\"}\"}}]},)"
    R"(\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n"))");
  const auto result = ask({"--provider", "openai", "--tools", "tools.json", "--json"});
  check_eq(result.status, 0);
  const auto end = last_line(result);
  check_eq(end.at("finish_reason"), "tool_calls");
  check_eq(end.at("text"), "");
  check_eq(end.at("tool_calls").dump(),
           R"([{"arguments":{"word":"x"},"id":"c1","name":"look_up","signature":""}])");
  const auto sent = json::parse(sim.requests().at(0).body);
  check_eq(sent.at("tools").at(0).at("function").at("name"), "look_up");
  const auto plain = ask({"--provider", "openai", "--tools", "tools.json"});
  check_eq(plain.out, "");
  check_ne(plain.err.find("look_up with {\"word\":\"x\"}"), std::string::npos);
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
  const auto result = ask({"--provider", "ollama", "--image", "a.png", "--json-schema", "schema.json",
                           "--reasoning-effort", "low"});
  check_eq(result.status, 0);
  const auto sent = json::parse(sim.requests().at(0).body);
  check_eq(sent.at("format").dump(), R"({"type":"object"})");
  check_eq(sent.at("think"), "low");
  check_eq(sent.at("messages").at(0).at("images").at(0), "iVBORw0KGgpyZXN0");
  const auto wrong = ask({"--image", "schema.json"});
  check_eq(wrong.status, 2);
  check_ne(wrong.err.find("is no picture"), std::string::npos);
}

} // SUITE("e2e.features")

} // WITH_FIXTURE(e2e)
