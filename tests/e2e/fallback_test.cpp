#include <chrono>
#include <string>

#include "fixture.hpp"

using namespace magna::test;
using namespace std::chrono_literals;
using magna::simulator::protocol;

WITH_FIXTURE(e2e) {

SUITE("e2e.fallback") {

TEST("the first provider of the chain answers, and only text stands on stdout") {
  steps("gemini=ok(text=\"Because of Rayleigh scattering.\")");
  const auto result = ask({});
  check_eq(result.status, 0);
  check_eq(result.out, "Because of Rayleigh scattering.");
  check_eq(result.err, "");
  check_eq(generations(), words{"gemini"});
}

TEST("a provider that times out is tried three times, waiting 1 s and 2 s, before the next one answers") {
  environment.erase("LLM_RETRY_DELAY_SECONDS");
  environment["LLM_TIMEOUT_SECONDS"] = "0.4";
  steps("gemini=stall; openai=ok(text=\"From OpenAI.\")");
  const auto result = ask({"--json"});
  check_eq(result.status, 0);
  const auto end = last_line(result);
  check_eq(end.at("type"), "completion");
  check_eq(end.at("provider"), "openai");
  check_eq(end.at("text"), "From OpenAI.");
  check_eq(trail(end), words{"gemini:timeout", "gemini:timeout", "gemini:timeout", "openai:ok"});
  check_eq(generations(), words{"gemini", "gemini", "gemini", "openai"});
  const auto wait = [&](std::size_t index) { return end.at("attempts")[index].at("wait_ms").get<int>(); };
  check_eq(wait(0), 0);
  check_ge(wait(1), 800);
  check_le(wait(1), 1200);
  check_ge(wait(2), 1600);
  check_le(wait(2), 2400);
  check_eq(wait(3), 0);
  // What the trail claims is what the server saw; the tolerance above it is the timeout and the machine.
  const auto requests = sim.requests();
  check_ge(requests[1].arrived - requests[0].arrived, 1200ms);
  check_le(requests[1].arrived - requests[0].arrived, 2600ms);
  check_ge(requests[2].arrived - requests[1].arrived, 2000ms);
  check_le(requests[2].arrived - requests[1].arrived, 3800ms);
  check_le(requests[3].arrived - requests[2].arrived, 1400ms);
}

TEST("--provider may name a model for each provider, and a provider with several") {
  steps("openai=model_not_found,ok(text=\"From the second model.\")");
  const auto end = last_line(ask({"--json", "--provider", "openai/gpt-a,openai/gpt-b,gemini/gemini-c"}));
  check_eq(end.at("text"), "From the second model.");
  check_eq(end.at("attempts")[0].at("model"), "gpt-a");
  check_eq(end.at("attempts")[1].at("model"), "gpt-b");
  check_eq(trail(end), words{"openai:model_not_found", "openai:ok"});
}

TEST("a provider that answers 429 is left at once") {
  environment.erase("LLM_RETRY_DELAY_SECONDS");
  steps("gemini=rate_limited(retry_after=30); openai=ok(text=\"From OpenAI.\")");
  const auto result = ask({"--json"});
  check_eq(result.status, 0);
  const auto end = last_line(result);
  check_eq(trail(end), words{"gemini:rate_limited", "openai:ok"});
  check_eq(end.at("attempts")[1].at("wait_ms"), 0);
  const auto requests = sim.requests();
  check_le(requests.at(1).arrived - requests.at(0).arrived, 700ms);
}

TEST("with Gemini and OpenAI down the answer comes from Ollama") {
  steps("gemini=overloaded; openai=server_error; ollama=ok(text=\"From Ollama.\")");
  const auto result = ask({});
  check_eq(result.status, 0);
  check_eq(result.out, "From Ollama.");
}

TEST("with a port that nobody listens on the next provider answers") {
  environment["GEMINI_BASE_URL"] = "http://127.0.0.1:1";
  steps("openai=ok(text=\"From OpenAI.\")");
  const auto result = ask({"--json"});
  check_eq(result.status, 0);
  check_eq(trail(last_line(result)), words{"gemini:provider_unavailable", "openai:ok"});
}

TEST("with all down the failure names each provider's error") {
  steps("gemini=overloaded; openai=rate_limited(retry_after=120); ollama=model_not_found");
  auto result = ask({"--json"});
  check_eq(result.status, 1);
  const auto end = last_line(result);
  check_eq(end.at("type"), "failure");
  check_eq(end.at("error"), "all_providers_failed");
  check_eq(end.at("delivered_chars"), 0);
  check_eq(trail(end), words{"gemini:provider_unavailable", "openai:rate_limited", "ollama:model_not_found"});
  const auto message = end.at("message").get<std::string>();
  check_found(message, "gemini.*provider_unavailable");
  check_found(message, "openai.*rate_limited");
  check_found(message, "ollama.*model_not_found");
  result = ask({});
  check_eq(result.status, 1);
  check_eq(result.out, "");
  check_found(result.err, "all_providers_failed");
  check_found(result.err, "gemini.*provider_unavailable");
  check_found(result.err, "openai.*rate_limited");
  check_found(result.err, "ollama.*model_not_found");
  check_found(result.err, "ollama pull");
}

TEST("the command line restricts and orders the chain") {
  steps("ollama=ok(text=\"From Ollama.\"); openai=overloaded; gemini=overloaded");
  auto result = ask({"--provider", "openai,ollama"});
  check_eq(result.out, "From Ollama.");
  check_eq(generations(), words{"openai", "ollama"});
  sim.reset();
  result = ask({"--provider", "gemini"});
  check_eq(result.status, 1);
  check_eq(result.out, "");
  // It is the only one, and so it is asked again.
  check_eq(generations(), words{"gemini", "gemini", "gemini"});
}

TEST("with one provider the failure's error is that provider's own") {
  steps("gemini=overloaded");
  const auto end = last_line(ask({"--provider", "gemini", "--json"}));
  check_eq(end.at("error"), "provider_unavailable");
  check_eq(end.at("provider"), "gemini");
}

TEST("a second key is tried when the first is refused") {
  environment["OPENAI_API_KEY"] = "sk-wrong-sesame-0003," + std::string{openai_key};
  steps("openai(keys=" + std::string{openai_key} + ")=ok(text=\"With the second key.\")");
  const auto result = ask({"--provider", "openai", "--json"});
  check_eq(result.status, 0);
  const auto end = last_line(result);
  check_eq(trail(end), words{"openai:authentication_failed", "openai:ok"});
  check_eq(result.out.find("sk-wrong-sesame-0003"), std::string::npos);
}

TEST("two instances of a kind stand beside each other") {
  write("magna.toml", "[[provider]]\nname = \"backup\"\nkind = \"openai\"\nmodel = \"team-1\"\nbase_url = \""
                        + sim.url(protocol::openai, "backup") + "\"\napi_key_env = \"BACKUP_KEY\"\n"
                        + "headers = { \"X-Team\" = \"a\" }\n");
  environment["BACKUP_KEY"] = "sk-sesame-backup-0004";
  steps("openai=server_error; openai(instance=backup)=ok(text=\"From the backup.\")");
  const auto result = ask({"--provider", "openai,backup", "--json"});
  check_eq(result.status, 0);
  const auto end = last_line(result);
  check_eq(end.at("provider"), "backup");
  check_eq(end.at("text"), "From the backup.");
  check_eq(result.out.find("sk-sesame-backup-0004"), std::string::npos);
  const auto last = sim.requests().back();
  check_eq(last.instance, "backup");
  check_eq(last.model, "team-1");
  check_eq(last.headers.at("authorization"), "Bearer sk-sesame-backup-0004");
  check_eq(last.headers.at("x-team"), "a");
}

} // SUITE("e2e.fallback")

SUITE("e2e.settings") {

TEST("sampling parameters, model and system prompt reach the provider") {
  steps("openai=ok");
  const auto result =
    ask({"--provider", "openai", "--model", "some-model", "--system", "Be terse.", "--temperature", "0.25",
         "--top-p", "0.5", "--max-tokens", "77", "--stop", "END", "--stop", "[a,b]", "--seed", "-7"});
  check_eq(result.status, 0);
  const auto body = json::parse(sim.requests().at(0).body);
  check_eq(body.at("model"), "some-model");
  check_eq(body.at("temperature"), 0.25);
  check_eq(body.at("top_p"), 0.5);
  check_eq(body.value("max_tokens", body.value("max_completion_tokens", 0)), 77);
  check_eq(body.at("stop"), json({"END", "[a,b]"}));
  check_eq(body.at("seed"), -7);
  check_eq(body.at("messages")[0].at("content"), "Be terse.");
  check_eq(body.at("messages")[1].at("content"), "Hello");
  check_eq(body.at("stream"), true);
}

TEST("an .env file in the current directory is read, below the environment") {
  environment.erase("OPENAI_API_KEY");
  environment["OPENAI_MODEL"] = "from-environment";
  write(".env", "# local\nexport OPENAI_API_KEY=\"" + std::string{openai_key}
                  + "\"\nOPENAI_MODEL=from-env-file\nLLM_MAX_TOKENS=55\n");
  steps("openai=ok");
  check_eq(ask({"--provider", "openai"}).status, 0);
  const auto request = sim.requests().at(0);
  check_eq(request.headers.at("authorization"), "Bearer " + std::string{openai_key});
  check_eq(request.model, "from-environment");
  const auto body = json::parse(request.body);
  check_eq(body.value("max_tokens", body.value("max_completion_tokens", 0)), 55);
}

TEST("a flag is the last word on time") {
  write("magna.toml",
        "first_token_timeout_seconds = 60\n[[provider]]\nname = \"gemini\"\ntimeout_seconds = 60\n");
  steps("gemini=stall");
  const auto result = ask({"--provider", "gemini", "--timeout", "0.3", "--max-retries", "1"});
  check_eq(result.status, 1);
  check_lt(result.duration, 5s);
  check_found(result.err, "timeout");
  check_found(result.err, "--timeout, LLM_TIMEOUT_SECONDS");
}

TEST("each of a stream's deadlines ends it") {
  steps("gemini=stall(after=2)");
  auto result = ask({"--provider", "gemini", "--idle-timeout", "0.3", "--json"});
  check_eq(result.status, 1);
  check_eq(last_line(result).at("error"), "timeout");
  check_gt(last_line(result).at("delivered_chars").get<int>(), 0);
  steps("gemini=ok(endless=true, token_delay=20)");
  result = ask({"--provider", "gemini", "--attempt-timeout", "0.4", "--json"});
  check_eq(result.status, 1);
  check_eq(last_line(result).at("error"), "timeout");
  result = ask({"--provider", "gemini", "--deadline", "0.4", "--json"});
  check_eq(result.status, 1);
  check_eq(last_line(result).at("error"), "deadline_exceeded");
  steps("gemini=stall(at=headers)");
  result = ask({"--provider", "gemini", "--first-token-timeout", "0.3", "--max-retries", "1", "--json"});
  check_eq(result.status, 1);
  check_eq(last_line(result).at("error"), "timeout");
}

} // SUITE("e2e.settings")

} // WITH_FIXTURE(e2e)
