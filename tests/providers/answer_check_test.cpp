#include <magna/providers/answer_check.hpp>

#include <string>

#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

/// "" or what is wrong.
std::string problem(const request& question, std::string_view text,
                    finish_reason finish = finish_reason::stop, std::vector<std::string> called = {}) {
  answer_info answer;
  answer.finish = finish;
  for (auto& name : called)
    answer.tool_calls.push_back({.id = "c", .name = std::move(name), .arguments = "{}"});
  const auto found = problem_with_answer(answer, text, question);
  if (!found)
    return {};
  // The next provider is asked, this one not again, and nobody's health suffers.
  auto& checks = test::runnable::current();
  checks.check_eq(found->code, errc::invalid_request);
  checks.check(found->unsupported);
  checks.check_eq(found->should_retry, std::optional{false});
  return found->message;
}

request json_question(answer_format format, std::string schema = {}) {
  request result;
  result.messages = {{role::user, "hi"}};
  result.format = format;
  result.json_schema = std::move(schema);
  return result;
}

request tool_question(tool_choice choice, std::string name = {}) {
  request result;
  result.tools = {{"f", "", ""}, {"g", "", ""}};
  result.tool_choice = choice;
  result.required_tool = std::move(name);
  return result;
}

} // namespace

SUITE("answer check") {

TEST("text and calls that nobody demanded are right as they are") {
  check_eq(problem({}, "hello"), "");
  check_eq(problem({}, "", finish_reason::length), "");
  check_eq(problem(tool_question(tool_choice::automatic), "hello"), "");
  check_eq(problem(tool_question(tool_choice::automatic), "", finish_reason::tool_calls, {"f"}), "");
  check_eq(problem(tool_question(tool_choice::none), "hello"), "");
  request vectors;
  vectors.job = job_kind::embedding;
  vectors.format = answer_format::json;
  check_eq(problem(vectors, ""), "");
}

TEST("a required call must come, and a named one by its name") {
  const auto required = tool_question(tool_choice::required);
  check_eq(problem(required, "hello"), "a call of a tool was required, and the answer has none");
  check_eq(problem(required, "", finish_reason::tool_calls, {"g"}), "");
  check_eq(problem(required, "hello", finish_reason::stop, {"f", "g"}), "");
  const auto named = tool_question(tool_choice::named, "f");
  check_eq(problem(named, "hello"), "a call of f was required, and the answer has none");
  check_eq(problem(named, "", finish_reason::tool_calls, {"g"}),
           "a call of f was required, and the answer has none");
  check_eq(problem(named, "", finish_reason::tool_calls, {"g", "f"}), "");
  check_eq(problem(named, "let me", finish_reason::length),
           "the limit of tokens was reached before a call of f: it needs a higher max_tokens");
}

TEST("JSON must be JSON, and whole") {
  const auto question = json_question(answer_format::json);
  check_eq(problem(question, R"({"a": 1})"), "");
  check_eq(problem(question, "\n [1, 2]\n"), "");
  for (const auto* text : {"", "It is 1.", "```json\n{\"a\": 1}\n```", "{\"a\": 1} Done.", "{\"a\": ", "1"})
    check_eq(problem(question, text), "JSON was asked for, and the answer is none");
  const std::string cut =
    "the limit of tokens cut the answer before its JSON was complete: it needs a higher max_tokens";
  check_eq(problem(question, R"({"a": )", finish_reason::length), cut);
  check_eq(problem(json_question(answer_format::json_schema, R"({"type":"object"})"), R"({"a)",
                   finish_reason::length),
           cut);
  // The limit may have been just enough.
  check_eq(problem(question, R"({"a": 1})", finish_reason::length), "");
}

TEST("JSON after a schema is what the schema's outside says") {
  const auto question = json_question(
    answer_format::json_schema, R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})");
  check_eq(problem(question, R"({"a": "x"})"), "");
  check_eq(problem(question, R"({"a": "x", "b": 1})"), "");
  check_eq(problem(question, "It is x."), "JSON after a schema was asked for, and the answer is none");
  check_eq(problem(question, R"(["x"])"), "JSON after a schema was asked for, and the answer is no object");
  check_eq(problem(question, R"({"b": "x"})"), "JSON after a schema was asked for, and the answer lacks a");
  struct row {
    const char* schema;
    const char* good;
    const char* bad;
  };
  for (const auto& x :
       {row{R"({"type":"array"})", "[]", "{}"}, row{R"({"type":"string"})", "\"x\"", "1"},
        row{R"({"type":"integer"})", "1.0", "1.5"}, row{R"({"type":"number"})", "1.5", "true"},
        row{R"({"type":"boolean"})", "false", "0"}, row{R"({"type":"null"})", "null", "{}"}}) {
    check_eq(problem(json_question(answer_format::json_schema, x.schema), x.good), "");
    check_ne(problem(json_question(answer_format::json_schema, x.schema), x.bad), "");
  }
  // A schema that leaves it open
  check_eq(problem(json_question(answer_format::json_schema, R"({"anyOf":[{"type":"object"}]})"), "1"), "");
  check_eq(problem(json_question(answer_format::json_schema, R"({"type":["object","null"]})"), "null"), "");
}

TEST("who calls a tool gives the JSON later") {
  auto question = tool_question(tool_choice::automatic);
  question.format = answer_format::json;
  check_eq(problem(question, "Let me see.", finish_reason::tool_calls, {"f"}), "");
  check_ne(problem(question, "Let me see."), "");
}

TEST("JSON may begin in the conversation") {
  auto question = json_question(answer_format::json);
  question.messages.push_back({role::assistant, "{\"a\":"});
  check_eq(problem(question, " 1}"), "");
  check_eq(problem(question, R"({"a": 1})"), "");
  check_ne(problem(question, " 1"), "");
}

} // SUITE("answer check")
