// What goes to a server that speaks Responses.

#include <nlohmann/json.hpp>

#include <magna/providers/codec_registry.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;
using nlohmann::json;

namespace {

const endpoint api{.base_url = "https://api.openai.com/v1", .key = "secret"};

struct wish {
  request question{.messages = {{role::user, "hi"}}};
  parameters params{};
  parameters defaults{};
  std::set<std::string, std::less<>> refused{};
  std::string model = "gpt-6-luna";
  bool stream = false;
};

http_request encode(const wish& what) {
  return codec_for(provider_kind::openai_responses)
    .encode({.question = what.question,
             .where = api,
             .model = what.model,
             .stream = what.stream,
             .params = what.params,
             .defaults = what.defaults,
             .refused = what.refused});
}

json body_of(const wish& what) {
  return json::parse(encode(what).body);
}

void check_json(const json& found, std::string_view expected) {
  test::runnable::current().check_eq(found.dump(), json::parse(expected).dump());
}

std::string path_of(std::string_view kind, const char* base_url) {
  const request question{.messages = {{role::user, "hi"}}};
  const endpoint where{.base_url = base_url, .key = "k"};
  const auto url = codec_for(kind, base_url).encode({.question = question, .where = where, .model = "m"}).url;
  return url.substr(url.rfind("/v1/") + 3);
}

opaque_item thoughts(const char* id) {
  return {"openai-responses", "reasoning",
          R"({"type":"reasoning","id":")" + std::string{id}
            + R"(","summary":[],"encrypted_content":"gAAA"})"};
}

/// Two rounds of calls, with the thoughts that led to them.
request talk() {
  request result;
  result.system_prompt = "Be terse.";
  result.messages = {
    {role::user, "What is a cafe?"},
    {.from = role::assistant,
     .content = "I'll look.",
     .tool_calls =
       {{.id = "c1", .name = "look_up", .arguments = R"({"word":"cafe"})", .items = {thoughts("rs_2")}},
        {.id = "c2", .name = "now", .arguments = "{}"}},
     .items = {thoughts("rs_1"), {"openai-responses", "phase", "commentary"}}},
    {.from = role::tool, .content = "A place.", .tool_call_id = "c1"},
    {.from = role::tool, .content = "Noon.", .tool_call_id = "c2"},
    {.from = role::assistant, .content = "A place.", .items = {{"openai", "reasoning_content", "hm"}}},
    {.from = role::user, .content = "Like this?", .images = {{.mime_type = "image/png", .data = "AAAA"}}},
  };
  result.tools = {{.name = "look_up",
                   .description = "Finds a word.",
                   .parameters = R"({"type":"object","properties":{"word":{"type":"string"}}})"},
                  {.name = "now"}};
  return result;
}

} // namespace

SUITE("responses") {

TEST("a request has the conversation as items, and leaves nothing at the server") {
  const auto made =
    encode({.params = {.max_tokens = 2048, .stop = {"END"}, .seed = 7, .top_k = 5}, .stream = true});
  check_eq(made.method, "POST");
  check_eq(made.url, "https://api.openai.com/v1/responses");
  check_json(json::parse(made.body), R"({
    "model": "gpt-6-luna",
    "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
    "store": false, "include": ["reasoning.encrypted_content"], "max_output_tokens": 2048, "stream": true})");
  check(!body_of({}).contains("stream"));
}

TEST("calls, results, pictures and thoughts stand where they belong") {
  check_json(body_of({.question = talk()})["input"], R"([
    {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Be terse."}]},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is a cafe?"}]},
    {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
    {"type": "message", "role": "assistant", "phase": "commentary",
     "content": [{"type": "output_text", "text": "I'll look."}]},
    {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "gAAA"},
    {"type": "function_call", "call_id": "c1", "name": "look_up", "arguments": "{\"word\":\"cafe\"}"},
    {"type": "function_call", "call_id": "c2", "name": "now", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "A place."},
    {"type": "function_call_output", "call_id": "c2", "output": "Noon."},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A place."}]},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Like this?"},
      {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]}])");
}

TEST("thoughts are left out where nobody can read them, and where they lead to nothing") {
  const auto count = [](const wish& what) {
    int result = 0;
    const auto body = body_of(what);
    for (const auto& item : body["input"])
      result += item["type"] == "reasoning" ? 1 : 0;
    return result;
  };
  check_eq(count({.question = talk()}), 2);
  check_eq(count({.question = talk(), .refused = {"foreign reasoning"}}), 0);
  // What is encrypted comes only to those who ask for it.
  check_eq(count({.question = talk(), .refused = {"include"}}), 0);
  check_eq(count({.question = talk(), .model = "gpt-4.1"}), 0);
  wish alone;
  alone.question.messages = {{role::user, "hi"}, {.from = role::assistant, .items = {thoughts("rs_1")}}};
  check_eq(body_of(alone)["input"].size(), 1u);
  // Thoughts in plain text stay.
  wish plain;
  plain.question.messages = {
    {role::user, "hi"},
    {.from = role::assistant,
     .content = "a",
     .items = {{"openai-responses", "reasoning",
                R"({"type":"reasoning","id":"r","content":[{"type":"reasoning_text","text":"hm"}]})"}}}};
  plain.refused = {"include"};
  check_eq(count(plain), 1);
}

TEST("tools are flat, and strict only where their schema can be") {
  wish what;
  what.question.tools = {
    {.name = "closed",
     .description = "d",
     .parameters =
       R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false})"},
    {.name = "open", .parameters = R"({"type":"object","properties":{"a":{"type":"integer"}}})"}};
  check_json(body_of(what)["tools"], R"([
    {"type": "function", "name": "closed", "description": "d", "strict": true, "parameters": {"type": "object",
      "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false}},
    {"type": "function", "name": "open", "strict": false,
      "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}])");
  what.question.tools[0].strict = false;
  what.question.tools[1].strict = true;
  check_eq(body_of(what)["tools"][0]["strict"], false);
  check_eq(body_of(what)["tools"][1]["strict"], false);
  what.refused = {"strict"};
  check(!body_of(what)["tools"][0].contains("strict"));
}

TEST("a tool is chosen by its name, at the top") {
  wish what;
  what.question = talk();
  check(!body_of(what).contains("tool_choice"));
  check(!body_of(what).contains("parallel_tool_calls"));
  what.question.tool_choice = tool_choice::named;
  what.question.required_tool = "now";
  check_json(body_of(what)["tool_choice"], R"({"type": "function", "name": "now"})");
  what.question.tool_choice = tool_choice::required;
  check_eq(body_of(what)["tool_choice"], "required");
  what.question.tool_choice = tool_choice::none;
  check_eq(body_of(what)["tool_choice"], "none");
  what.params.parallel_tool_calls = false;
  check_eq(body_of(what)["parallel_tool_calls"], false);
}

TEST("the form of the answer stands in text.format") {
  wish what;
  check(!body_of(what).contains("text"));
  what.question.format = answer_format::json;
  check_json(body_of(what)["text"], R"({"format": {"type": "json_object"}})");
  what.question.format = answer_format::json_schema;
  what.question.json_schema = R"({"type":"object","properties":{"a":{"type":"integer"}}})";
  check_json(body_of(what)["text"], R"({"format": {"type": "json_schema", "name": "answer", "strict": false,
    "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}})");
}

TEST("each model gets the nearest effort that it has") {
  const auto effort = [](const char* model, reasoning_effort wanted) {
    const auto body = body_of({.params = {.effort = wanted}, .model = model});
    return body.contains("reasoning") ? body["reasoning"]["effort"].get<std::string>() : "-";
  };
  using enum reasoning_effort;
  check_eq(effort("gpt-6-luna", none), "none");
  check_eq(effort("gpt-6-luna", max), "max");
  check_eq(effort("gpt-6-luna", minimal), "low");
  check_eq(effort("gpt-6.1-sol", none), "low");
  check_eq(effort("gpt-6.1-sol-2026-09-01", minimal), "low");
  check_eq(effort("gpt-6.1-terra", none), "none");
  check_eq(effort("gpt-6.2-astra", max), "max");
  check_eq(effort("gpt-5.4", max), "xhigh");
  check_eq(effort("gpt-5.1", xhigh), "high");
  check_eq(effort("gpt-5-mini", none), "minimal");
  check_eq(effort("o4-mini", xhigh), "high");
  // Unknown ones get what was asked for, and those that do not think nothing.
  check_eq(effort("grok-5", xhigh), "xhigh");
  check_eq(effort("gpt-7-sol", minimal), "minimal");
  check_eq(effort("gpt-4.1", high), "-");
  check(!body_of({.params = {.effort = high}, .refused = {"effort"}}).contains("reasoning"));
}

TEST("summaries are asked for where thoughts are streamed") {
  wish what;
  what.question.stream_reasoning = true;
  check_json(body_of(what)["reasoning"], R"({"summary": "auto"})");
  what.refused = {"summary"};
  check(!body_of(what).contains("reasoning"));
  what.model = "gpt-4.1";
  check(!body_of(what).contains("include"));
}

TEST("sampling goes to models that take it") {
  const parameters wanted{.temperature = 0.2, .top_p = 0.5};
  const parameters suggested{.temperature = 0.7, .top_p = 0.9, .max_tokens = 5};
  const auto sampled = [&](const char* model, std::optional<reasoning_effort> effort) {
    auto params = wanted;
    params.effort = effort;
    return body_of({.params = params, .model = model}).contains("temperature");
  };
  check(sampled("gpt-4.1", std::nullopt));
  check(sampled("grok-5", std::nullopt));
  check(!sampled("gpt-6-luna", std::nullopt));
  check(!sampled("gpt-6-luna", reasoning_effort::low));
  check(sampled("gpt-6-luna", reasoning_effort::none));
  const auto body = body_of({.defaults = suggested});
  check(!body.contains("temperature"));
  // The API takes no smaller cap.
  check_eq(body["max_output_tokens"], 16);
  check(!body_of({.defaults = suggested, .refused = {"max_output_tokens"}}).contains("max_output_tokens"));
}

TEST("a cache's key and members of one's own go along") {
  check_eq(body_of({.params = {.prompt_cache_key = "k1"}})["prompt_cache_key"], "k1");
  check(!body_of({}).contains("prompt_cache_key"));
  const auto body = body_of({.params = {.extra_body = R"({"text":{"verbosity":"low"},"store":null})"}});
  check_eq(body["text"]["verbosity"], "low");
  check(!body.contains("store"));
}

TEST("the kind openai speaks Responses at OpenAI's own addresses, and nowhere else") {
  for (const auto* own : {"https://api.openai.com/v1", "https://API.OpenAI.com/v1/",
                          "https://eu.api.openai.com/v1", "https://us.api.openai.com:443/v1"})
    check_eq(path_of(provider_kind::openai, own), "/responses");
  for (const auto* other : {"https://x.openai.azure.com/openai/v1", "http://localhost:8080/v1",
                            "https://api.openai.com.example.org/v1", "https://notapi.openai.com/v1",
                            "https://proxy.example.org/api.openai.com/v1", "http://[::1]:80/v1"})
    check_eq(path_of(provider_kind::openai, other), "/chat/completions");
  for (const auto* anywhere : {"https://api.openai.com/v1", "http://localhost/v1"}) {
    check_eq(path_of(provider_kind::openai_chat, anywhere), "/chat/completions");
    check_eq(path_of(provider_kind::openai_responses, anywhere), "/responses");
  }
}

TEST("vectors and probes are the same in all three kinds") {
  request what;
  what.job = job_kind::embedding;
  what.inputs = {"a"};
  for (const auto kind :
       {provider_kind::openai, provider_kind::openai_chat, provider_kind::openai_responses}) {
    const auto& codec = codec_for(kind, api.base_url);
    check_eq(codec.encode({.question = what, .where = api, .model = "m"}).url,
             "https://api.openai.com/v1/embeddings");
    check_eq(codec.encode_probe(api, "m").url, "https://api.openai.com/v1/models");
    check(codec.about().can == codec_for(provider_kind::openai).about().can);
  }
}

} // SUITE("responses")
