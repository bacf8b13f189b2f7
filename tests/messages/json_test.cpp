#include <magna/messages/json.hpp>

#include <string>

#include <nlohmann/json.hpp>

#include <magna/messages/types.hpp>
#include <magna/tests/support/test.hpp>

#include "samples.hpp"

using namespace magna;
using nlohmann::json;

namespace {

template <class T>
T filled() {
  T result;
  samples::fill(result, caf::actor{});
  return result;
}

/// Through a text, as on a disk.
template <class T>
T there_and_back(const T& what) {
  return json::parse(json(what).dump()).template get<T>();
}

template <class T>
std::string problem_with(const std::string& text) {
  try {
    std::ignore = json::parse(text).get<T>();
    return "none";
  } catch (const json_error& problem) {
    return problem.what();
  }
}

chat_message message_of(const std::string& text) {
  return json::parse(text).get<chat_message>();
}

} // namespace

SUITE("json") {

TEST("every field of every document survives") {
  check(there_and_back(filled<chat_message>()) == filled<chat_message>());
  check(there_and_back(filled<request>()) == filled<request>());
  check(there_and_back(filled<completion>()) == filled<completion>());
  check(there_and_back(filled<failure>()) == filled<failure>());
  check(there_and_back(filled<status_report>()) == filled<status_report>());
}

TEST("so does one without any") {
  check(there_and_back(chat_message{}) == chat_message{});
  check(there_and_back(request{}) == request{});
  check(there_and_back(completion{}) == completion{});
  check(there_and_back(failure{}) == failure{});
  check(there_and_back(status_report{}) == status_report{});
}

TEST("a message has the names that everybody knows, and nothing that is empty") {
  chat_message what{.from = role::assistant, .content = "Let me see."};
  what.tool_calls = {{.id = "c1", .name = "look_up", .arguments = "{}", .items = {{"gemini", "sig", "x"}}}};
  check_eq(json(what).dump(),
           R"({"content":"Let me see.","role":"assistant","tool_calls":[{"arguments":"{}",)"
           R"("id":"c1","items":[{"data":"x","kind":"sig","protocol":"gemini"}],"name":"look_up"}]})");
}

TEST("durations are milliseconds, and keep their nanoseconds") {
  completion what;
  what.ttft = caf::timespan{1'234'567};
  what.total = std::chrono::hours{24} + caf::timespan{1};
  check_eq(json(what)["ttft_ms"], json(1.234567));
  check(there_and_back(what) == what);
}

TEST("OpenAI's messages are read") {
  const auto call = message_of(
    R"({"role":"assistant","content":null,"reasoning_content":"hm","refusal":null,"tool_calls":[{"id":"c1",)"
    R"("type":"function","function":{"name":"look_up","arguments":"{\"a\":1}"},)"
    R"("extra_content":{"google":{"thought_signature":"c2ln"}}}]})");
  check(call
        == chat_message{.from = role::assistant,
                        .content = {},
                        .images = {},
                        .tool_calls = {{.id = "c1",
                                        .name = "look_up",
                                        .arguments = R"({"a":1})",
                                        .items = {{"openai", "extra_content",
                                                   R"({"google":{"thought_signature":"c2ln"}})"}}}},
                        .tool_call_id = {},
                        .items = {{"openai", "reasoning_content", "hm"}}});
  const auto picture =
    message_of(R"({"role":"user","content":[{"type":"text","text":"What "},{"type":"text","text":"is it?"},)"
               R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}},)"
               R"({"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]})");
  check_eq(picture.content, "What is it?");
  require_eq(picture.images.size(), 2u);
  check(picture.images[0] == image{.mime_type = "image/png", .data = "iVBO", .url = {}});
  check_eq(picture.images[1].url, "https://example.org/a.png");
  check_eq(message_of(R"({"role":"developer","content":"Be brief."})").from, role::system);
  check_eq(message_of(R"({"role":"tool","tool_call_id":"c1","content":"42"})").tool_call_id, "c1");
}

TEST("an error names the place") {
  check_eq(problem_with<request>("[]"), "the document: must be an object, and is array");
  check_eq(problem_with<request>(R"({"messages":[{"role":"user"},{"role":"guest"}]})"),
           "messages[1].role: 'guest' is none of its values");
  check_eq(problem_with<request>(R"({"messages":[{"content":"hi"}]})"), "messages[0]: has no role");
  check_eq(problem_with<request>(R"({"messages":[{"role":"user","content":5}]})"),
           "messages[0].content: must be a text, and is number");
  check_eq(problem_with<request>(R"({"params":{"max_tokens":-1}})"), "params.max_tokens: -1 is out of range");
  check_eq(problem_with<request>(R"({"params":{"max_tokens":4294967296}})"),
           "params.max_tokens: 4294967296 is out of range");
  check_eq(problem_with<request>(R"({"deadline_ms":1e300})"), "deadline_ms: 1e+300 is out of range");
  check_eq(problem_with<request>(R"({"stream":1})"), "stream: must be true or false, and is number");
  check_eq(problem_with<request>(R"({"metadata":{"a":1}})"), "metadata.a: must be a text, and is number");
  check_eq(problem_with<request>(R"({"messages":[{"role":"user","content":[{"type":"audio"}]}]})"),
           "messages[0].content[0]: must be a text or an image_url");
}

TEST("lists that are none are an error with their place") {
  check_eq(problem_with<request>(R"({"messages":[{"role":"user","items":5,"reasoning_content":"x"}]})"),
           "messages[0].items: must be a list, and is number");
  check_eq(
    problem_with<request>(
      R"({"messages":[{"role":"user","images":{},"content":[{"type":"image_url","image_url":{"url":"http://h"}}]}]})"),
    "messages[0].images: must be a list, and is object");
  check_eq(problem_with<request>(R"({"messages":[{"role":"assistant","tool_calls":[{"id":"a","items":5,)"
                                 R"("function":{"name":"f"},"extra_content":{}}]}]})"),
           "messages[0].tool_calls[0].items: must be a list, and is number");
}

TEST("a version that is not known is refused, and members that are not known are ignored") {
  check_eq(json(request{})["version"], json(1));
  check_eq(problem_with<request>(R"({"version":2})"),
           "version: 2 was written by a newer magna; this one reads 1");
  check_eq(problem_with<request>(R"({"version":1,"mood":"good"})"), "none");
}

TEST("a document that can't be read changes nothing") {
  auto what = filled<request>();
  try {
    json::parse(R"({"id":"other","stream":1})").get_to(what);
  } catch (const json_error&) {
    check(what == filled<request>());
  }
}

} // SUITE("json")
