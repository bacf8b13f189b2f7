// Runs every program of examples/ against the simulator, and checks what it prints.

#include <magna/tests/e2e/fixture.hpp>

#include <csignal>
#include <sstream>

using namespace magna;
using namespace magna::test;

namespace {

struct examples : e2e {
  process_options prepare(words arguments, std::string input) const {
    auto how = options(std::move(arguments));
    how.input = std::move(input);
    return how;
  }

  static std::string path_of(const std::string& name) {
    return std::string{MAGNA_EXAMPLES} + "/magna-example-" + name;
  }

  /// Runs an example to its end. None prints a key.
  outcome run_example(const std::string& name, std::string input = {}, words arguments = {}) const {
    process running{path_of(name), prepare(std::move(arguments), std::move(input))};
    auto result = running.wait();
    check_no_key(result);
    return result;
  }

  std::size_t asked(simulator::protocol kind) const {
    std::size_t result = 0;
    for (const auto& x : sim.requests())
      result += x.kind == kind && x.on == simulator::route::generate ? 1 : 0;
    return result;
  }
};

std::vector<std::string> sorted_lines(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> result;
  for (std::string line; std::getline(in, line);)
    result.push_back(line);
  std::ranges::sort(result);
  return result;
}

} // namespace

WITH_FIXTURE(examples) {

SUITE("examples") {

TEST("quickstart streams an answer") {
  steps("gemini=ok(text=\"Because blue light scatters most.\", token_delay=5)");
  const auto result = run_example("quickstart");
  check_eq(result.out, "Because blue light scatters most.\n");
  check_eq(result.err, "");
  check_eq(result.status, 0);
  require_eq(sim.requests().size(), 1u);
  check(sim.requests()[0].stream);
}

TEST("quickstart says why there is no answer") {
  steps("all=bad_request");
  const auto result = run_example("quickstart");
  check_eq(result.out, "\n");
  check_found(result.err, "gemini");
  check_eq(result.status, 1);
}

TEST("key_source sends the key that a command prints, and tells when it prints none") {
  steps("openai=ok(text=\"With a key of today.\", token_delay=5)");
  const auto url = sim.url(simulator::protocol::openai);
  const auto result = run_example("key_source", {}, {url, "echo " + std::string{openai_key}, "Hello"});
  check_eq(result.err, "");
  check_eq(result.out, "With a key of today.\n");
  check_eq(result.status, 0);
  require_eq(sim.requests().size(), 1u);
  check_eq(sim.requests()[0].headers.at("authorization"), "Bearer " + std::string{openai_key});
  const auto none = run_example("key_source", {}, {url, "exit 1", "Hello"});
  check_found(none.err, "the command gave no key");
  check_eq(none.status, 1);
  check_eq(sim.requests().size(), 1u);
}

TEST("custom_provider answers through a protocol of its own, and its truncated answer is a failure") {
  steps("openai=ok(text=\"In our own words.\", token_delay=5)");
  const auto url = sim.url(simulator::protocol::openai);
  environment["HOUSE_API_KEY"] = openai_key;
  const auto result = run_example("custom_provider", {}, {url, "Hello"});
  check_eq(result.err, "");
  check_eq(result.out, "In our own words.\n(our-own)\n");
  check_eq(result.status, 0);
  const auto sent = json::parse(sim.requests().at(0).body);
  check_eq(sent.at("model"), "house-1");
  check_eq(sent.at("messages")[0].at("role"), "user");
  steps("openai=cut(after=2)");
  const auto broken = run_example("custom_provider", {}, {url, "Hello"});
  check_eq(broken.status, 1);
  check_found(broken.err, "our-own");
}

TEST("blocking_chat keeps the conversation, and goes on after an error") {
  steps("gemini=ok(text=\"First.\"),bad_request,ok(text=\"Third.\"); openai=bad_request; ollama=bad_request");
  const auto result = run_example("blocking_chat", "one\n\ntwo\nthree\n");
  check_eq(result.status, 0);
  check_found(result.out, "^> First\\.\n  \\(gemini, [0-9]+ tokens\\)\n> ");
  check_found(result.out, "no answer \\(invalid_request\\): ");
  check_found(result.out, "\n  gemini: ");
  check_found(result.out, "> Third\\.\n");
  const auto log = sim.requests();
  require_ge(log.size(), 3u);
  const auto third = json::parse(log.back().body).at("contents");
  require_eq(third.size(), 3u);
  check_eq(third[0].at("parts")[0].at("text"), "one");
  check_eq(third[1].at("role"), "model");
  check_eq(third[1].at("parts")[0].at("text"), "First.");
  check_eq(third[2].at("parts")[0].at("text"), "three");
}

TEST("blocking_chat names a setting that can't be used") {
  environment["LLM_TOP_P"] = "3";
  const auto result = run_example("blocking_chat", "one\n");
  check_eq(result.status, 2);
  check_eq(result.out, "");
  check_found(result.err, "LLM_TOP_P");
}

TEST("streaming_chat shows text as it comes, and Ctrl-C stops only the answer") {
  steps("gemini=ok(endless=true, token=\"on \", token_delay=20),ok(text=\"Again.\")");
  process running{path_of("streaming_chat"), prepare({}, "one\ntwo\n")};
  require(running.wait_for_output("on on on "));
  running.send_signal(SIGINT);
  const auto result = running.wait();
  check_eq(result.status, 0);
  check_found(result.out, "^> (on )+\n\\(stopped\\)\n> Again\\.\n> \n$");
  // The question that was stopped is no part of the conversation.
  require_eq(sim.requests().size(), 2u);
  check_eq(sim.requests()[1].body.find("one"), std::string::npos);
}

TEST("actor_backend has ten requesters, each with its own answer") {
  steps("gemini=ok(echo=true)");
  const auto result = run_example("actor_backend");
  check_eq(result.status, 0);
  words expected;
  for (int number = 1; number <= 10; ++number) {
    const auto text = std::to_string(number);
    expected.push_back(text + ": Tell me about the number " + text + ". (gemini)");
  }
  std::ranges::sort(expected);
  check(sorted_lines(result.out) == expected);
  check_eq(asked(simulator::protocol::gemini), 10u);
}

TEST("actor_backend falls back as everybody does") {
  steps("gemini=server_error; openai=ok(text=\"A number.\")");
  const auto result = run_example("actor_backend");
  check_eq(result.status, 0);
  const auto lines = sorted_lines(result.out);
  require_eq(lines.size(), 10u);
  check_eq(lines[0], "10: A number. (openai)");
}

TEST("remote_node needs no keys, but a node") {
  steps("gemini=ok(text=\"A process that others ask.\")");
  process node{MAGNA_EXECUTABLE, options({"node", "--listen", "127.0.0.1:0"})};
  require(node.wait_for_output("\n"));
  const auto& line = node.output();
  const auto begin = line.find("127.0.0.1:");
  const auto address = line.substr(begin, line.find_first_of(", \n", begin) - begin);
  environment = {};
  const auto result = run_example("remote_node", {}, {address});
  check_eq(result.status, 0);
  check_found(result.out, "^A process that others ask\\.\nanswered by gemini\ngemini over there: HEALTHY\n");
}

TEST("remote_node says which node it can't reach") {
  environment = {};
  const auto result = run_example("remote_node", {}, {"127.0.0.1:1"});
  check_eq(result.status, 1);
  check_found(result.err, "^node_lost: .*127\\.0\\.0\\.1:1");
  check_eq(run_example("remote_node").status, 2);
}

TEST("coroutine asks two things at once, and then a third") {
  steps("gemini=ok(echo=true, first_token_delay=100)");
  const auto result = run_example("coroutine");
  check_eq(result.status, 0);
  check_eq(result.out, "Praise C++ soberly.\nPraise C++ wildly.\n--\n"
                       "Join these:\nPraise C++ soberly.\nPraise C++ wildly.\n");
  const auto log = sim.requests();
  require_eq(log.size(), 3u);
  check(log[1].arrived < log[0].ended);
  check(log[2].arrived >= log[1].ended);
}

TEST("coroutine ends with the error that it awaited") {
  steps("gemini=bad_request; openai=bad_request; ollama=bad_request");
  const auto result = run_example("coroutine");
  check_eq(result.status, 1);
  check_found(result.err, "^invalid_request: ");
}

TEST("original_module does all that the Python module's users did") {
  environment["GEMINI_MODEL"] = "gemini-pro";
  environment.erase("ENABLE_LOCAL_MODELS");
  steps("gemini(models=gemini-pro)=ok(echo=true); openai(models=gpt-4)=ok; openai(on=probe)=server_error");
  const auto result = run_example("original_module");
  check_eq(result.err, "");
  check_eq(result.status, 0);
  check_found(result.out, "^What are the key skills for a C\\+\\+ developer\\?\nUsed provider: gemini\n"
                          "Hello!\n"
                          "Explain the benefits of static types\\.\n"
                          "gemini: ✓\nopenai: ✗\n"
                          "gemini: HEALTHY\nopenai: [A-Z]+\n  Last error: [^\n]+\n"
                          "All providers failed: all_providers_failed: [^\n]+\n$");
  check_ne(sim.requests().at(0).body.find("career advisor"), std::string::npos);
}

} // SUITE("examples")

} // WITH_FIXTURE(examples)
