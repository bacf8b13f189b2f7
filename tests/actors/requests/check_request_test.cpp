#include <magna/actors/requests/check_request.hpp>

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
  what.targets = {"openai", "gemini"};
  what.deadline = 1ms;
  check(accepted());
}

TEST("a conversation with tools, pictures and a schema is accepted") {
  what.messages = {
    {.from = role::user,
     .content = "",
     .images = {{.mime_type = "image/png", .data = "iVBORw0KGgo="}, {.url = "https://example.org/a.png"}}},
    {.from = role::assistant,
     .content = "",
     .tool_calls = {{.id = "c1", .name = "look_up", .arguments = "{}"}}},
    {.from = role::tool, .content = "42", .tool_call_id = "c1"}};
  what.tools = {{.name = "look_up", .description = "Finds.", .parameters = R"({"type":"object"})"},
                {.name = "Other-2"}};
  what.tool_choice = tool_choice::named;
  what.required_tool = "Other-2";
  what.format = answer_format::json_schema;
  what.json_schema = R"({"type":"object"})";
  what.params.effort = reasoning_effort::low;
  check(accepted());
}

TEST("what a model has called can be said again, whatever it is called") {
  for (const auto* name : {"default_api.look_up", "functions.f:0", "look up", "日本"}) {
    what.messages = {{role::user, "hello"},
                     {.from = role::assistant,
                      .content = "",
                      .tool_calls = {{.id = "functions.f:0", .name = name, .arguments = "{}"}}},
                     {.from = role::tool, .content = "42", .tool_call_id = "functions.f:0"}};
    check(accepted());
  }
}

TEST("a result needs its call before it; a call needs no result") {
  const chat_message call{.from = role::assistant,
                          .content = "",
                          .tool_calls = {{.id = "c1", .name = "f", .arguments = "{}"},
                                         {.id = "c2", .name = "f", .arguments = "{}"}}};
  const chat_message result{.from = role::tool, .content = "42", .tool_call_id = "c1"};
  const chat_message user{role::user, "hello"};
  what.messages = {user, call, user, result};
  check(accepted());
  what.messages = {user, call, user};
  check(accepted());
  what.messages = {user, call, result, result};
  check(accepted());
  // What is left of a conversation whose beginning was cut off.
  what.messages = {result, user, call};
  check(refused_for("message 0 is the result of the call 'c1', and no message before it has that call"));
  what.messages = {user, call, {.from = role::tool, .content = "42", .tool_call_id = "c3"}};
  check(refused_for("message 2 is the result of the call 'c3'"));
}

TEST("tools that no provider could make sense of are refused") {
  const std::vector<tool_definition> wrong[] = {
    {{.name = ""}},
    {{.name = "look up"}},
    {{.name = std::string(65, 'a')}},
    {{.name = "a"}, {.name = "a"}},
    {{.name = "a", .description = not_utf8}},
    {{.name = "a", .parameters = "no JSON"}},
    {{.name = "a", .parameters = "[1]"}},
    {{.name = "a", .parameters = R"({"a":)"}},
  };
  for (const auto& tools : wrong) {
    what.tools = tools;
    check(refused_for("tool"));
  }
  what.tools = {{.name = "look up"}};
  check(refused_for("the name of the tool 'look up' must be 1 to 64 of"));
  what.tools = {{.name = "a"}, {.name = "b"}, {.name = "a"}};
  check(refused_for("there are two tools called 'a'"));
  what.tools = {};
  what.tool_choice = tool_choice::required;
  check(refused_for("there are no tools"));
  what.tools = {{.name = "a"}};
  check(accepted());
  what.tool_choice = tool_choice::named;
  what.required_tool = "b";
  check(refused_for("'b' is none of the tools"));
}

TEST("calls, results and pictures stand where they belong, and are whole") {
  const tool_call call{.id = "c1", .name = "f", .arguments = "{}"};
  const chat_message wrong[] = {
    {.from = role::user, .content = "x", .tool_calls = {call}},
    {.from = role::assistant, .content = "x", .tool_calls = {{.id = "", .name = "f", .arguments = "{}"}}},
    {.from = role::assistant, .content = "x", .tool_calls = {{.id = "c", .name = "", .arguments = "{}"}}},
    {.from = role::assistant, .content = "x", .tool_calls = {{.id = "c", .name = "f", .arguments = "[]"}}},
    {.from = role::tool, .content = "x"},
    {.from = role::user, .content = "x", .tool_call_id = "c1"},
    {.from = role::assistant, .content = "x", .images = {{.url = "https://h/a.png"}}},
    {.from = role::user, .content = "x", .images = {{}}},
    {.from = role::user,
     .content = "x",
     .images = {{.mime_type = "image/png", .data = "AAAA", .url = "https://h"}}},
    {.from = role::user, .content = "x", .images = {{.url = "file:///etc/passwd"}}},
    {.from = role::user, .content = "x", .images = {{.mime_type = "png", .data = "AAAA"}}},
    {.from = role::user, .content = "x", .images = {{.mime_type = "image/png", .data = "AAA"}}},
    {.from = role::user, .content = "x", .images = {{.mime_type = "image/png", .data = "data:image/png"}}},
  };
  for (const auto& message : wrong) {
    what.messages = {{role::user, "hello"}, message};
    check(refused_for("message 1"));
  }
}

TEST("a schema of the answer must be an object of JSON") {
  what.format = answer_format::json_schema;
  for (const auto* schema : {"", "{", "[]", "7"}) {
    what.json_schema = schema;
    check(refused_for("schema"));
  }
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
  what.targets = {"gemini", "claude"};
  check(refused_for("'claude'"));
  check(refused_for("gemini, openai"));
  providers.clear();
  what.targets = {"gemini"};
  check(refused_for("none"));
}

TEST("a request names at most 100 targets") {
  what.targets.assign(100, "gemini");
  check(!check_request(what, {"gemini"}).has_value());
  what.targets.emplace_back("gemini");
  test::check_found(check_request(what, {"gemini"}).value_or(""), "at most 100 targets");
}

TEST("the text about an unknown provider can be shown, whatever its name") {
  what.targets = {"a\x1b[31m\n\xff"};
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

TEST("top_k is at least 1") {
  what.params.top_k = 1;
  check(accepted());
  what.params.top_k = 0;
  check(refused_for("top_k"));
}

TEST("extra_body is an object that leaves alone how the answer comes") {
  for (const auto* text : {R"({})", R"({"service_tier":"flex","n":1})", R"({"options":{"num_ctx":8192}})",
                           R"({"generationConfig":{"candidateCount":1}})"}) {
    what.params.extra_body = text;
    check(accepted());
  }
  for (const auto* text : {"[]", "7", "{", "{\"a\":\"\xff\"}", R"({"stream":false})", R"({"n":2})",
                           R"({"n":"2"})", R"({"generationConfig":{"candidateCount":2}})"}) {
    what.params.extra_body = text;
    check(refused_for("extra_body"));
  }
  what.params.extra_body = R"({"a":")" + std::string(1 << 20, 'x') + "\"}";
  check(refused_for("extra_body"));
}

TEST("prompt_cache_key is text of at most 512 bytes") {
  what.params.prompt_cache_key = std::string(512, 'x');
  check(accepted());
  for (const auto& text : {std::string(513, 'x'), std::string{"\xff"}}) {
    what.params.prompt_cache_key = text;
    check(refused_for("prompt_cache_key"));
  }
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
