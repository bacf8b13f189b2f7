// What applications send beside text, on its way to each provider.

#include <nlohmann/json.hpp>

#include <magna/providers/codec_registry.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;
using nlohmann::json;

namespace {

const endpoint where{.base_url = "http://h", .key = "k"};

json body_of(std::string_view kind, const request& question, const parameters& params = {},
             std::set<std::string, std::less<>> refused = {}) {
  return json::parse(codec_for(kind)
                       .encode({.question = question,
                                .where = where,
                                .model = "m",
                                .stream = false,
                                .params = params,
                                .refused = std::move(refused)})
                       .body);
}

void check_json(const json& found, std::string_view expected) {
  test::runnable::current().check_eq(found.dump(), json::parse(expected).dump());
}

/// A conversation with a call and its result, and a picture at its end.
request talk() {
  request result;
  result.messages = {
    {role::user, "What is a cafe?"},
    {.from = role::assistant,
     .content = "",
     .tool_calls = {{.id = "c1",
                     .name = "look_up",
                     .arguments = R"({"word":"cafe"})",
                     .items = {{"gemini", "thought_signature", "c2ln"}}}}},
    {.from = role::tool, .content = "A place.", .tool_call_id = "c1"},
    {.from = role::user, .content = "Like this?", .images = {{.mime_type = "image/png", .data = "AAAA"}}},
  };
  result.tools = {{.name = "look_up",
                   .description = "Finds a word.",
                   .parameters = R"({"type":"object","properties":{"word":{"type":"string"}}})"},
                  {.name = "now"}};
  return result;
}

constexpr std::string_view strict_schema =
  R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false})";

request with_schema(std::string_view schema) {
  request result{.messages = {{role::user, "hi"}}};
  result.format = answer_format::json_schema;
  result.json_schema = schema;
  return result;
}

std::string missing(std::string_view kind, const request& question) {
  const auto what = missing_feature(question, codec_for(kind).about().can);
  return what ? std::string{to_string(*what)} : "nothing";
}

} // namespace

SUITE("features") {

TEST("tools, calls, results and pictures at openai") {
  const auto body = body_of(provider_kind::openai, talk());
  check_json(body["tools"], R"([
    {"type": "function", "function": {"name": "look_up", "description": "Finds a word.",
      "parameters": {"type": "object", "properties": {"word": {"type": "string"}}}}},
    {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}])");
  check(!body.contains("tool_choice"));
  check_json(body["messages"], R"([
    {"role": "user", "content": "What is a cafe?"},
    {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
      "function": {"name": "look_up", "arguments": "{\"word\":\"cafe\"}"}}]},
    {"role": "tool", "tool_call_id": "c1", "content": "A place."},
    {"role": "user", "content": [{"type": "text", "text": "Like this?"},
      {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}])");
}

TEST("tools, calls, results and pictures at gemini") {
  const auto body = body_of(provider_kind::gemini, talk());
  check_json(body["tools"], R"([{"functionDeclarations": [
    {"name": "look_up", "description": "Finds a word.",
     "parametersJsonSchema": {"type": "object", "properties": {"word": {"type": "string"}}}},
    {"name": "now", "parametersJsonSchema": {"type": "object", "properties": {}}}]}])");
  check(!body.contains("toolConfig"));
  check_json(body["contents"], R"([
    {"role": "user", "parts": [{"text": "What is a cafe?"}]},
    {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "look_up", "args": {"word": "cafe"}},
      "thoughtSignature": "c2ln"}]},
    {"role": "user", "parts": [
      {"functionResponse": {"id": "c1", "name": "look_up", "response": {"output": "A place."}}},
      {"text": "Like this?"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]}])");
  // A call that another provider's model made has no signature, and Gemini wants one with the first.
  auto foreign = talk();
  foreign.messages[1].tool_calls = {{.id = "a", .name = "now", .arguments = "{}"},
                                    {.id = "b", .name = "now", .arguments = "{}"}};
  const auto parts = body_of(provider_kind::gemini, foreign)["contents"][1]["parts"];
  check_eq(parts[0]["thoughtSignature"], "skip_thought_signature_validator");
  check(!parts[1].contains("thoughtSignature"));
}

TEST("tools, calls, results and pictures at ollama") {
  const auto body = body_of(provider_kind::ollama, talk());
  check_json(body["tools"], R"([
    {"type": "function", "function": {"name": "look_up", "description": "Finds a word.",
      "parameters": {"type": "object", "properties": {"word": {"type": "string"}}}}},
    {"type": "function", "function": {"name": "now", "description": "",
      "parameters": {"type": "object", "properties": {}}}}])");
  check_json(body["messages"], R"([
    {"role": "user", "content": "What is a cafe?"},
    {"role": "assistant", "content": "", "tool_calls": [
      {"id": "c1", "function": {"name": "look_up", "arguments": {"word": "cafe"}}}]},
    {"role": "tool", "tool_name": "look_up", "tool_call_id": "c1", "content": "A place."},
    {"role": "user", "content": "Like this?", "images": ["AAAA"]}])");
}

TEST("tools, calls, results and pictures at anthropic") {
  const auto body = body_of(provider_kind::anthropic, talk());
  check_json(body["tools"], R"([
    {"name": "look_up", "description": "Finds a word.",
     "input_schema": {"type": "object", "properties": {"word": {"type": "string"}}}},
    {"name": "now", "input_schema": {"type": "object", "properties": {}}}])");
  check_json(body["messages"], R"([
    {"role": "user", "content": [{"type": "text", "text": "What is a cafe?"}]},
    {"role": "assistant", "content": [
      {"type": "tool_use", "id": "c1", "name": "look_up", "input": {"word": "cafe"}}]},
    {"role": "user", "content": [
      {"type": "tool_result", "tool_use_id": "c1", "content": "A place."},
      {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
      {"type": "text", "text": "Like this?"}]}])");
}

TEST("a call that has failed is told so, in words where the protocol has no place for it") {
  auto question = talk();
  question.messages[2].is_error = true;
  check_json(body_of(provider_kind::anthropic, question)["messages"][2]["content"][0],
             R"({"type": "tool_result", "tool_use_id": "c1", "content": "A place.", "is_error": true})");
  check_json(
    body_of(provider_kind::gemini, question)["contents"][2]["parts"][0]["functionResponse"]["response"],
    R"({"error": "A place."})");
  const auto in_words = [&question](const char* kind) {
    return body_of(kind, question)["messages"][2]["content"].get<std::string>();
  };
  for (const auto* kind : {"openai", "ollama"}) {
    question.messages[2].content = "A place.";
    check_eq(in_words(kind), "Error: A place.");
    question.messages[2].content = "Error 404";
    check_eq(in_words(kind), "Error 404");
    question.messages[2].content = "";
    check_eq(in_words(kind), "Error");
  }
}

TEST("the choice of a tool") {
  auto question = talk();
  const auto choice = [&](std::string_view kind, tool_choice what, const char* where_it_stands) {
    question.tool_choice = what;
    question.required_tool = what == tool_choice::named ? "now" : "";
    return body_of(kind, question)[where_it_stands].dump();
  };
  using enum tool_choice;
  check_eq(choice(provider_kind::openai, none, "tool_choice"), R"("none")");
  check_eq(choice(provider_kind::openai, required, "tool_choice"), R"("required")");
  check_eq(choice(provider_kind::openai, named, "tool_choice"),
           R"({"function":{"name":"now"},"type":"function"})");
  check_eq(choice(provider_kind::gemini, none, "toolConfig"), R"({"functionCallingConfig":{"mode":"NONE"}})");
  check_eq(choice(provider_kind::gemini, required, "toolConfig"),
           R"({"functionCallingConfig":{"mode":"ANY"}})");
  check_eq(choice(provider_kind::gemini, named, "toolConfig"),
           R"({"functionCallingConfig":{"allowedFunctionNames":["now"],"mode":"ANY"}})");
  check_eq(choice(provider_kind::anthropic, none, "tool_choice"), R"({"type":"none"})");
  check_eq(choice(provider_kind::anthropic, required, "tool_choice"), R"({"type":"any"})");
  check_eq(choice(provider_kind::anthropic, named, "tool_choice"), R"({"name":"now","type":"tool"})");
  // Ollama has no such choice, but a model without tools calls none.
  check_eq(choice(provider_kind::ollama, none, "tools"), "null");
}

TEST("an answer in JSON") {
  request question{.messages = {{role::user, "hi"}}};
  question.format = answer_format::json;
  check_json(body_of(provider_kind::openai, question)["response_format"], R"({"type": "json_object"})");
  check_json(body_of(provider_kind::gemini, question)["generationConfig"],
             R"({"responseMimeType": "application/json"})");
  check_json(body_of(provider_kind::ollama, question)["format"], R"("json")");
}

TEST("an answer that fits a schema") {
  const auto question = with_schema(strict_schema);
  const auto schema = json::parse(strict_schema).dump();
  const auto openai = body_of(provider_kind::openai, question)["response_format"];
  check_eq(openai["type"], "json_schema");
  check_eq(openai["json_schema"]["name"], "answer");
  check_eq(openai["json_schema"]["strict"], true);
  check_eq(openai["json_schema"]["schema"].dump(), schema);
  const auto gemini = body_of(provider_kind::gemini, question)["generationConfig"];
  check_eq(gemini["responseMimeType"], "application/json");
  check_eq(gemini["responseJsonSchema"].dump(), schema);
  check_eq(body_of(provider_kind::ollama, question)["format"].dump(), schema);
  const auto anthropic = body_of(provider_kind::anthropic, question)["output_config"]["format"];
  check_eq(anthropic["type"], "json_schema");
  check_eq(anthropic["schema"].dump(), schema);
  // Anthropic takes no object that leaves open whether there may be others than its properties.
  const auto sent_to_anthropic = [](const char* text) {
    return body_of(provider_kind::anthropic, with_schema(text))["output_config"]["format"]["schema"].dump();
  };
  check_eq(sent_to_anthropic(R"({"type":"object","properties":{"a":{"type":["object","null"]},
    "type":{"type":"string","enum":["object"]}},"$defs":{"b":{"anyOf":[{"type":"object"},{"type":"array",
    "items":{"type":"object","additionalProperties":false}}]}},"default":{"type":"object"}})"),
           R"({"$defs":{"b":{"anyOf":[{"additionalProperties":false,"type":"object"},)"
           R"({"items":{"additionalProperties":false,"type":"object"},"type":"array"}]}},)"
           R"("additionalProperties":false,"default":{"type":"object"},)"
           R"("properties":{"a":{"additionalProperties":false,"type":["object","null"]},)"
           R"("type":{"enum":["object"],"type":"string"}},"type":"object"})");
  // What the user opened stays open, and is the API's to judge.
  check_eq(sent_to_anthropic(R"({"type":"object","additionalProperties":true})"),
           R"({"additionalProperties":true,"type":"object"})");
  // OpenAI refuses to be strict about a schema that leaves anything open.
  for (const auto* open :
       {R"({"type":"object"})", R"({"type":"object","properties":{"a":{"type":"integer"}}})",
        R"({"type":"array","items":{"type":"object","properties":{"a":{}},"required":["a"]}})"})
    check_eq(body_of(provider_kind::openai, with_schema(open))["response_format"]["json_schema"]["strict"],
             false);
}

TEST("the effort of reasoning, until a model refuses it") {
  const request question{.messages = {{role::user, "hi"}}};
  const parameters params{.effort = reasoning_effort::low};
  check_eq(body_of(provider_kind::openai, question, params)["reasoning_effort"], "low");
  check_eq(
    body_of(provider_kind::gemini, question, params)["generationConfig"]["thinkingConfig"]["thinkingLevel"],
    "low");
  check_eq(body_of(provider_kind::ollama, question, params)["think"], "low");
  check_eq(body_of(provider_kind::anthropic, question, params)["output_config"]["effort"], "low");
  check(!body_of(provider_kind::openai, question, params, {"reasoning_effort"}).contains("reasoning_effort"));
  check(!body_of(provider_kind::gemini, question, params, {"thinkingLevel"}).contains("generationConfig"));
  check(!body_of(provider_kind::ollama, question, params, {"think"}).contains("think"));
  check(!body_of(provider_kind::anthropic, question, params, {"effort"}).contains("output_config"));
  // Models of OpenAI's that take tools only while they don't reason say so by refusing the effort.
  check_eq(body_of(provider_kind::openai, talk(), {}, {"reasoning_effort"})["reasoning_effort"], "none");
  check(!body_of(provider_kind::openai, talk()).contains("reasoning_effort"));
}

TEST("what a protocol can't carry is known before anybody is asked") {
  using namespace std::string_view_literals;
  const request plain{.messages = {{role::user, "hi"}}};
  auto required = talk();
  required.tool_choice = tool_choice::required;
  auto json_answer = plain;
  json_answer.format = answer_format::json;
  auto linked = plain;
  linked.messages[0].images = {{.url = "https://h/a.png"}};
  for (const auto kind :
       {provider_kind::gemini, provider_kind::openai, provider_kind::anthropic, provider_kind::ollama}) {
    check_eq(missing(kind, plain), "nothing");
    check_eq(missing(kind, talk()), "nothing");
    check_eq(missing(kind, with_schema(strict_schema)), "nothing");
    check_eq(missing(kind, required), kind == provider_kind::ollama ? "required calls of tools" : "nothing");
    check_eq(missing(kind, json_answer),
             kind == provider_kind::anthropic ? "answers in JSON without a schema" : "nothing");
    check_eq(missing(kind, linked),
             kind == provider_kind::openai || kind == provider_kind::anthropic ? "nothing" : "image URLs");
  }
  check(missing_feature(talk(), {}) == feature::tools);
  auto only_results = talk();
  only_results.tools.clear();
  check(missing_feature(only_results, {}) == feature::tools);
  auto picture = plain;
  picture.messages[0].images = {{.mime_type = "image/png", .data = "AAAA"}};
  check(missing_feature(picture, {}) == feature::image_data);
}

} // SUITE("features")
