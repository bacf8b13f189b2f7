#include <algorithm>
#include <csignal>
#include <regex>
#include <string>

#include "fixture.hpp"

using namespace magna::test;
using magna::simulator::protocol;

WITH_FIXTURE(e2e) {

SUITE("e2e.usage") {

TEST("what is wrong with the command line or a setting is said, nothing is asked, and the status is 2") {
  struct wrong {
    words arguments;
    const char* error;
  };
  for (const auto& [arguments, error] : {
         wrong{{}, "Usage|USAGE|magna ask"},
         wrong{{"aks", "Hello"}, "unknown command 'aks'; did you mean 'ask'\\?"},
         wrong{{"ask"}, "the prompt is missing"},
         wrong{{"ask", ""}, "the prompt is empty"},
         wrong{{"ask", " \n\t "}, "the prompt is empty"},
         wrong{{"ask", "-"}, "the prompt is empty"},
         wrong{{"ask", "\xff\xfe"}, "the prompt is not UTF-8"},
         wrong{{"ask", "--system", "a\xc3", "Hello"}, "the system prompt is not UTF-8: byte 2"},
         wrong{{"ask", "--temprature", "1", "Hello"},
               "unknown option '--temprature'; did you mean '--temperature'"},
         wrong{{"ask", "--temprature"}, "unknown option '--temprature'"},
         wrong{{"ask", "-x"}, "unknown option '-x'.*after '--'"},
         wrong{{"--json", "ask", "Hello"}, "unknown option '--json'; options stand after the command"},
         wrong{{"ask", "Hello", "World"},
               "unexpected argument 'World'; a prompt of several words stands in quotes"},
         wrong{{"ask", "Hello", "--timeout"}, "--timeout"},
         wrong{{"ask", "Hello", "--timeout", "soon"}, "--timeout: \"soon\" is not allowed; allowed: seconds"},
         wrong{{"ask", "Hello", "--timeout", "-1"}, "--timeout: \"-1\" is not allowed"},
         wrong{{"ask", "Hello", "--temperature", "nan"}, "--temperature: \"nan\" is not allowed"},
         wrong{{"ask", "Hello", "--max-tokens", "0"}, "--max-tokens: \"0\" is not allowed"},
         wrong{{"ask", "Hello", "--log-level", "loud"}, "--log-level: \"loud\" is not allowed"},
         wrong{{"ask", "Hello", "--provider", "nobody"}, "there is no provider 'nobody'"},
         wrong{{"ask", "Hello", "--config", "missing.toml"}, "missing.toml: can't be read: no such file"},
         wrong{{"ask", "Hello", "--config", "."}, "can't be read: it is a directory"},
         wrong{{"ask", "Hello", "--json", "--seed", "x"}, "--seed: \"x\" is not allowed"},
         wrong{{"health", "--seed", "1"}, "unknown option '--seed'"},
         wrong{{"simulate", "--port", "x"}, "port"},
         wrong{{"simulate", "--port", "99999"}, "0 to 65535"},
         wrong{{"simulate", "--steps", "gemini=dance"}, "dance"},
         wrong{{"simulate", "--scenario", "missing.toml"}, "missing.toml"},
       }) {
    const auto result = run(arguments);
    std::string where;
    for (const auto& argument : arguments)
      where += argument + " ";
    if (result.status != 2)
      fail("{}: status {}, stderr {}", where, result.status, result.err);
    check_eq(result.out, "");
    check_found(result.err, error);
  }
  check_eq(sim.requests().size(), 0u);
}

TEST("all malformed settings are named at once") {
  environment["LLM_TEMPERATURE"] = "hot";
  write(".env", "LLM_TIMEOUT_SECONDS=-3\nwhat is this\n");
  write("magna.toml", "colour = \"red\"\n");
  const auto result = ask({"--json"});
  check_eq(result.status, 2);
  check_eq(result.out, "");
  check_found(result.err, "LLM_TEMPERATURE: \"hot\" is not allowed; allowed: a number from 0 to 2");
  check_found(result.err, "LLM_TIMEOUT_SECONDS \\(\\.env:1\\): \"-3\" is not allowed");
  check_found(result.err, "magna: warning: \\.env:2: no NAME=VALUE, skipped");
  check_found(result.err, "magna\\.toml:1: unknown key 'colour'");
}

TEST("without any provider the error says which variables give one") {
  environment.clear();
  const auto result = ask({});
  check_eq(result.status, 2);
  check_found(result.err, "GEMINI_API_KEY");
  check_found(result.err, "OPENAI_API_KEY");
  check_found(result.err, "ENABLE_LOCAL_MODELS=true");
}

TEST("Ollama by name without local models is refused with the remedy") {
  environment.erase("ENABLE_LOCAL_MODELS");
  const auto result = ask({"--provider", "ollama"});
  check_eq(result.status, 2);
  check_found(result.err, "set ENABLE_LOCAL_MODELS=true");
}

TEST("a key that can't be one is refused and not shown") {
  auto& key = environment["OPENAI_API_KEY"];
  key = openai_key;
  key.append(" and more");
  const auto result = ask({});
  check_eq(result.status, 2);
  check_found(result.err, "OPENAI_API_KEY");
}

TEST("help and version go to stdout") {
  for (const auto& arguments :
       {words{"--help"}, words{"ask", "--help"}, words{"health", "-h"}, words{"simulate", "-h"}}) {
    const auto result = run(arguments);
    check_eq(result.status, 0);
    check_eq(result.err, "");
    check_found(result.out, "Examples:");
    check_found(result.out, "--");
  }
  check_found(run({"--help"}).out, "LLM_TIMEOUT_SECONDS");
  const auto version = run({"--version"});
  check_eq(version.status, 0);
  check_found(version.out, "^magna [0-9]+\\.[0-9]+\\.[0-9]+\n$");
}

} // SUITE("e2e.usage")

SUITE("e2e.prompt") {

TEST("the prompt comes from stdin on request") {
  steps("gemini=echo");
  const auto result = run({"ask", "-"}, "Line one\nline two: ä\n");
  check_eq(result.status, 0);
  check_eq(result.out, "Line one\nline two: ä\n");
}

TEST("a prompt may begin with a dash, or look like a list or a command") {
  steps("gemini=echo");
  check_eq(run({"ask", "--", "--help me"}).out, "--help me");
  for (const auto* prompt : {"[a,b]", "health", "a=b", "@file", "%s%n", "\"quoted\"", "/x", "'"})
    check_eq(ask({}, prompt).out, prompt);
}

TEST("a prompt of 10 MB gets its answer") {
  steps("openai=ok(text=\"Long.\")");
  std::string prompt;
  while (prompt.size() < 10'000'000)
    prompt += "The quick brown fox jumps over the lazy dög. ";
  const auto result = run({"ask", "--provider", "openai", "-"}, prompt);
  check_eq(result.status, 0);
  check_eq(result.out, "Long.");
  check_gt(sim.requests().at(0).body_size, prompt.size());
}

TEST("stdin that is not UTF-8 is refused") {
  const auto result = run({"ask", "-"}, "abc\xc3(");
  check_eq(result.status, 2);
  check_found(result.err, "the prompt is not UTF-8: byte 4");
  check_eq(sim.requests().size(), 0u);
}

} // SUITE("e2e.prompt")

SUITE("e2e.simulate") {

TEST("the simulator runs alone, says how to reach it, and ends with status 0") {
  for (const int signal : {SIGINT, SIGTERM}) {
    process simulator{MAGNA_EXECUTABLE, options({"simulate", "--steps", "openai=ok(text=\"From afar.\")"})};
    require(simulator.wait_for_output("ENABLE_LOCAL_MODELS=true\n"));
    simulator.send_signal(signal);
    const auto result = simulator.wait();
    check_eq(result.status, 0);
    for (const auto* line : {"export GEMINI_BASE_URL=http://127\\.0\\.0\\.1:[0-9]+ GEMINI_API_KEY=",
                             "export OPENAI_BASE_URL=http://127\\.0\\.0\\.1:[0-9]+/v1 OPENAI_API_KEY=",
                             "export OLLAMA_BASE_URL=http://127\\.0\\.0\\.1:[0-9]+ ENABLE_LOCAL_MODELS=true"})
      check_found(result.out, line);
  }
}

TEST("a client finds the simulator where it says") {
  process simulator{MAGNA_EXECUTABLE, options({"simulate", "--steps", "openai=ok(text=\"From afar.\")"})};
  require(simulator.wait_for_output("ENABLE_LOCAL_MODELS=true\n"));
  std::smatch url;
  require(std::regex_search(simulator.output(), url, std::regex{"http://[0-9.:]+/v1"}));
  environment["OPENAI_BASE_URL"] = url.str();
  check_eq(ask({"--provider", "openai"}).out, "From afar.");
  simulator.send_signal(SIGTERM);
  check_eq(simulator.wait().status, 0);
}

TEST("a port that is taken is a failure that names it") {
  const auto result = run({"simulate", "--port", std::to_string(sim.port())});
  check_eq(result.status, 1);
  check_found(result.err, std::to_string(sim.port()));
}

} // SUITE("e2e.simulate")

} // WITH_FIXTURE(e2e)
