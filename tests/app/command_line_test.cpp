#include <magna/app/command_line.hpp>

#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace magna::app;

namespace {

command parse(std::vector<const char*> words) {
  words.insert(words.begin(), "magna");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

ask_options parse_ask(std::vector<const char*> words) {
  words.insert(words.begin(), "ask");
  return std::get<ask_options>(parse(std::move(words)));
}

using flags = std::vector<std::pair<std::string, std::string>>;

} // namespace

SUITE("app.command_line") {

TEST("a prompt is all that ask needs") {
  const auto options = parse_ask({"Hello"});
  check_eq(options.prompt, "Hello");
  check(options.stream);
  check(!options.json);
  check(!options.verbose);
  check_eq(options.sources.flags, flags{});
  check_eq(parse_ask({"-"}).prompt, "-");
}

TEST("settings are passed on as texts, as they are written") {
  const auto options = parse_ask({"--timeout", "1.5", "--provider=a,b", "--temperature", "-1", "--stop", "x",
                                  "--stop", "[y,z]", "--seed", "-3", "Hello", "--model", "m"});
  auto found = options.sources.flags;
  std::ranges::sort(found);
  check_eq(found, flags{{"--model", "m"},
                        {"--provider", "a,b"},
                        {"--seed", "-3"},
                        {"--stop", "[y,z]"},
                        {"--stop", "x"},
                        {"--temperature", "-1"},
                        {"--timeout", "1.5"}});
  check_eq(options.prompt, "Hello");
}

TEST("the last of a repeated flag counts, except for texts to stop at") {
  check_eq(parse_ask({"--timeout", "1", "--timeout", "2", "Hello"}).sources.flags, flags{{"--timeout", "2"}});
}

TEST("switches") {
  const auto options =
    parse_ask({"--no-stream", "--json", "-v", "--system", "S", "--config", "c.toml", "Hello"});
  check(!options.stream);
  check(options.json);
  check(options.verbose);
  check_eq(options.system_prompt, "S");
  check_eq(options.sources.file, "c.toml");
}

TEST("what begins with a dash is a prompt after two dashes") {
  check_eq(parse_ask({"--", "--json"}).prompt, "--json");
  check_eq(parse_ask({"--json", "--", "-5"}).prompt, "-5");
}

TEST("health and simulate have options of their own") {
  check(std::get<health_options>(parse({"health", "--json"})).json);
  const auto simulate =
    std::get<simulate_options>(parse({"simulate", "--port", "8080", "--steps", "gemini=stall"}));
  check_eq(simulate.port, 8080u);
  check_eq(simulate.steps, "gemini=stall");
  check_throws<usage_error>([] { parse({"simulate", "--port", "65536"}); });
  check_throws<usage_error>([] { parse({"simulate", "--port", "-1"}); });
  check_throws<usage_error>([] { parse({"simulate", "--steps", "a", "--scenario", "b"}); });
}

TEST("no command at all is a usage error that shows the help") {
  try {
    parse({});
    fail("no error");
  } catch (const usage_error& error) {
    magna::test::check_found(error.what(), "magna ask");
  }
}

} // SUITE("app.command_line")
