#include <magna/actors/check_request.hpp>

#include <magna/tests/support/test.hpp>

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

const std::string not_utf8 = "caf\xe9";

struct check_fixture {
  request what;
  std::vector<std::string> providers{"gemini", "openai"};

  check_fixture() { what.messages = {{role::user, "hello"}}; }

  bool accepted() const { return !check_request(what, providers).has_value(); }

  /// Whether the request is refused with a text in which `words` stand.
  bool refused_for(std::string_view words) const {
    const auto problem = check_request(what, providers);
    return problem && problem->find(words) != std::string::npos;
  }
};

} // namespace

SUITE("check of a request") {

WITH_FIXTURE(check_fixture) {

TEST("a prompt is enough") {
  check(accepted());
}

TEST("a whole conversation with all parameters is accepted") {
  what.system_prompt = "Be terse, in français.";
  what.messages = {
    {role::system, "And kind."}, {role::user, "hello"}, {role::assistant, ""}, {role::user, "日本"}};
  what.params = {.temperature = 0.0, .top_p = 1.0, .max_tokens = 1, .stop = {"END", "。"}, .seed = -1};
  what.model = "gemini-3.8-flash";
  what.providers = {"openai", "gemini"};
  what.deadline = 1ms;
  check(accepted());
}

TEST("a request without a question is refused") {
  for (const auto& messages : std::vector<std::vector<chat_message>>{
         {},
         {{role::user, ""}},
         {{role::user, ""}, {role::user, ""}},
         {{role::system, "Be terse."}},
         {{role::assistant, "How can I help?"}},
       }) {
    what.messages = messages;
    what.system_prompt = "You are helpful.";
    check(refused_for("prompt is empty"));
  }
}

TEST("a provider that is not configured is refused, and the configured ones are named") {
  what.providers = {"gemini", "claude"};
  check(refused_for("'claude'"));
  check(refused_for("gemini, openai"));
  providers.clear();
  what.providers = {"gemini"};
  check(refused_for("none"));
}

TEST("the text about an unknown provider can be shown, whatever its name") {
  what.providers = {"a\x1b[31m\n\xff"};
  const auto problem = check_request(what, providers);
  require(problem.has_value());
  for (const auto c : *problem)
    check(static_cast<unsigned char>(c) >= 0x20);
  check(problem->find('\xff') == std::string::npos);
}

TEST("text that is not UTF-8 is refused wherever it stands, and the place is named") {
  SECTION("the system prompt") {
    what.system_prompt = not_utf8;
    check(refused_for("system prompt"));
  }
  SECTION("a message") {
    what.messages = {{role::user, "hello"}, {role::assistant, not_utf8}};
    check(refused_for("message 1"));
  }
  SECTION("the model") {
    what.model = not_utf8;
    check(refused_for("model"));
  }
  SECTION("a stop sequence") {
    what.params.stop = {"END", not_utf8};
    check(refused_for("stop sequence"));
  }
}

TEST("an empty stop sequence is refused") {
  what.params.stop = {""};
  check(refused_for("stop sequence"));
}

TEST("a prompt of 10 MB is accepted, and refused for one bad byte at its end") {
  what.messages[0].content = std::string(10'000'000, 'x');
  check(accepted());
  what.messages[0].content.back() = '\xc3';
  check(refused_for("message 0"));
}

TEST("the temperature is from 0 to 2") {
  for (const auto value : {0.0, 0.7, 2.0}) {
    what.params.temperature = value;
    check(accepted());
  }
  for (const auto value :
       {-0.01, 2.01, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    what.params.temperature = value;
    check(refused_for("temperature"));
  }
}

TEST("top_p is more than 0 and at most 1") {
  for (const auto value : {1e-9, 0.9, 1.0}) {
    what.params.top_p = value;
    check(accepted());
  }
  for (const auto value : {0.0, -0.1, 1.01, std::numeric_limits<double>::quiet_NaN()}) {
    what.params.top_p = value;
    check(refused_for("top_p"));
  }
}

TEST("max_tokens is at least 1") {
  what.params.max_tokens = 0;
  check(refused_for("max_tokens"));
}

TEST("the deadline is more than 0 and at most 24 hours") {
  for (const caf::timespan value : {caf::timespan{1ns}, caf::timespan{24h}}) {
    what.deadline = value;
    check(accepted());
  }
  for (const caf::timespan value : {caf::timespan{0s}, caf::timespan{-1ns}, caf::timespan{24h} + 1ns,
                                    caf::timespan::max(), caf::timespan::min()}) {
    what.deadline = value;
    check(refused_for("deadline"));
  }
}

} // WITH_FIXTURE(check_fixture)

} // SUITE("check of a request")
