#include <string>

#include "fixture.hpp"

using namespace magna::test;
using magna::simulator::protocol;

WITH_FIXTURE(e2e) {

SUITE("e2e.anthropic") {

TEST("anthropic answers, streaming and whole") {
  use(protocol::anthropic);
  environment["MAGNA_CHAIN"] = "anthropic";
  steps("anthropic=ok(text=\"From Anthropic.\", reasoning=\"Hm, well.\", cached_tokens=1)");
  for (const auto& how : {words{"--json"}, words{"--json", "--no-stream"}}) {
    const auto result = ask(how);
    check_eq(result.status, 0);
    const auto end = last_line(result);
    check_eq(end.at("type"), "completion");
    check_eq(end.at("text"), "From Anthropic.");
    check_eq(end.at("provider"), "anthropic");
    check_eq(end.at("model"), "claude-haiku-5-5");
    check_eq(end.at("finish_reason"), "stop");
    // One word of prompt; two of text and two of reasoning.
    check_eq(end.at("usage").at("prompt_tokens"), 1);
    check_eq(end.at("usage").at("cached_tokens"), 1);
    check_eq(end.at("usage").at("completion_tokens"), 4);
  }
  check_eq(generations(), words{"anthropic", "anthropic"});
}

TEST("anthropic stands between openai and ollama in the default chain") {
  use(protocol::anthropic);
  steps("gemini=overloaded; openai=overloaded; anthropic=overloaded; ollama=ok(text=\"From Ollama.\")");
  const auto end = last_line(ask({"--json"}));
  check_eq(end.at("text"), "From Ollama.");
  check_eq(trail(end), words{"gemini:provider_unavailable", "openai:provider_unavailable",
                             "anthropic:provider_unavailable", "ollama:ok"});
}

TEST("an answer of anthropic's that breaks off after its first text is one failure") {
  use(protocol::anthropic);
  steps("anthropic=cut(at=finish)");
  const auto result = ask({"--provider", "anthropic", "--json"});
  check_eq(result.status, 1);
  check_eq(last_line(result).at("error"), "stream_truncated");
}

TEST("anthropic's health is found out without tokens, and a refused key is told without it") {
  use(protocol::anthropic);
  const auto good = run({"health", "--provider", "anthropic", "--json"});
  check_eq(good.status, 0);
  check_eq(last_line(good).at("usable"), true);
  check_eq(generations(), words{});
  steps("anthropic=bad_key(echo_key=true); anthropic(on=probe)=bad_key(echo_key=true)");
  const auto asked = ask({"--provider", "anthropic", "--json"});
  check_eq(asked.status, 1);
  check_eq(last_line(asked).at("error"), "authentication_failed");
  const auto bad = run({"health", "--provider", "anthropic", "--json"});
  check_eq(last_line(bad).at("error"), "authentication_failed");
}

} // SUITE("e2e.anthropic")

} // WITH_FIXTURE(e2e)
