// The smaller wishes: sent where a model takes them, and left out where it has refused them.

#include <magna/providers/protocols/model_traits.hpp>
#include <magna/tests/providers/protocols/encoding.hpp>

using namespace magna;
using test::added_to;
using test::body_for;
using test::json;
using test::refusals;

namespace {

const request question{.messages = {{role::user, "hi"}}};

request with_tools(std::optional<bool> strict = std::nullopt, const char* schema = "") {
  auto result = question;
  result.tools = {{.name = "f", .parameters = schema, .strict = strict}};
  return result;
}

/// What a wish adds to the request.
std::string wish(std::string_view kind, std::string_view model, const parameters& params,
                 const request& what = question, const refusals& refused = {}) {
  return added_to(body_for(kind, model, what), body_for(kind, model, what, params, refused));
}

constexpr const char* closed =
  R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false})";

std::string features(std::string_view kind, std::string_view model) {
  std::string result;
  const auto& about = codec_for(kind).about();
  const auto left = features_of(about, model);
  for (const auto what : about.can)
    if (!left.contains(what))
      result += std::string{to_string(what)};
  return result;
}

} // namespace

SUITE("wishes") {

TEST("top_k goes to those that have it") {
  const parameters params{.top_k = 40};
  check_eq(wish("gemini", "gemini-2.5-pro", params), R"(generationConfig={"topK":40})");
  check_eq(wish("ollama", "gemma4", params), R"(options={"top_k":40})");
  check_eq(wish("openai", "some-model", params), "top_k=40");
  check_eq(wish("openai", "gpt-4o", params), "");
  check_eq(wish("anthropic", "claude-sonnet-4-6", params), "top_k=40");
  check_eq(wish("anthropic", "claude-haiku-5-5", params), "");
  check_eq(wish("gemini", "gemini-2.5-pro", params, question, {"topK"}), "");
  check_eq(wish("ollama", "gemma4", params, question, {"top_k"}), "");
  check_eq(wish("openai", "some-model", params, question, {"top_k"}), "");
  check_eq(wish("anthropic", "claude-sonnet-4-6", params, question, {"top_k"}), "");
}

TEST("Claudes that refuse sampling get none, even where it was asked for") {
  const parameters params{.temperature = 0.5, .top_p = 0.5};
  check_eq(wish("anthropic", "claude-haiku-5-5", params), "");
  check_eq(wish("anthropic", "claude-opus-4-7", params), "");
  check_eq(wish("anthropic", "claude-opus-4-6", params), "temperature=0.5 top_p=0.5");
}

TEST("whether calls may come several at once") {
  const parameters one{.parallel_tool_calls = false};
  const parameters many{.parallel_tool_calls = true};
  check_eq(wish("openai", "m", one, with_tools()), "parallel_tool_calls=false");
  check_eq(wish("openai", "m", many, with_tools()), "parallel_tool_calls=true");
  check_eq(wish("openai", "m", one), "");
  check_eq(wish("openai", "m", one, with_tools(), {"parallel_tool_calls"}), "");
  check_eq(wish("anthropic", "m", one, with_tools()),
           R"(tool_choice={"disable_parallel_tool_use":true,"type":"auto"})");
  check_eq(wish("anthropic", "m", many, with_tools()), "");
  check_eq(wish("anthropic", "m", one), "");
  check_eq(wish("anthropic", "m", one, with_tools(), {"disable_parallel_tool_use"}), "");
  auto named = with_tools();
  named.tool_choice = tool_choice::named;
  named.required_tool = "f";
  check_eq(body_for("anthropic", "m", named, one)["tool_choice"].dump(),
           R"({"disable_parallel_tool_use":true,"name":"f","type":"tool"})");
  auto none = with_tools();
  none.tool_choice = tool_choice::none;
  check_eq(wish("anthropic", "m", one, none), "");
}

TEST("what is to be cached is said where it must be") {
  const parameters cached{.prompt_cache = true, .prompt_cache_key = "talks"};
  check_eq(wish("anthropic", "m", cached), R"(cache_control={"type":"ephemeral"})");
  check_eq(wish("anthropic", "m", cached, question, {"cache_control"}), "");
  check_eq(wish("anthropic", "m", {.prompt_cache = false}), "");
  check_eq(wish("openai", "m", cached), R"(prompt_cache_key="talks")");
  check_eq(wish("openai", "m", cached, question, {"prompt_cache_key"}), "");
  check_eq(wish("gemini", "m", cached), "");
  check_eq(wish("ollama", "m", cached), "");
}

TEST("a tool is strict where its schema can be") {
  const auto openai = [](std::optional<bool> strict, const char* schema, const refusals& refused = {}) {
    return body_for("openai", "m", with_tools(strict, schema), {}, refused)["tools"][0]["function"].value(
      "strict", json("-"));
  };
  check_eq(openai(true, closed), json(true));
  check_eq(openai(false, closed), json(false));
  check_eq(openai(std::nullopt, closed), json("-"));
  check_eq(openai(true, R"({"type":"object","properties":{"a":{"type":"integer"}}})"), json("-"));
  check_eq(openai(true, closed, {"strict"}), json("-"));
  const auto anthropic = [](std::optional<bool> strict, const char* schema, const refusals& refused = {}) {
    const auto tool = body_for("anthropic", "m", with_tools(strict, schema), {}, refused)["tools"][0];
    return tool.value("strict", json("-")).dump() + " " + tool["input_schema"].dump();
  };
  // Anthropic takes optional properties, and closes what is not said to be open.
  check_eq(anthropic(true, R"({"type":"object","properties":{"a":{"type":"integer"}}})"),
           R"(true {"additionalProperties":false,"properties":{"a":{"type":"integer"}},"type":"object"})");
  check_eq(anthropic(true, R"({"type":"object","properties":{"a":{"type":"integer","minimum":1}}})"),
           R"("-" {"properties":{"a":{"minimum":1,"type":"integer"}},"type":"object"})");
  check(anthropic(false, closed).starts_with("\"-\""));
  check(anthropic(true, closed, {"strict"}).starts_with("\"-\""));
}

TEST("stop sequences are as many, and such, as the provider takes") {
  const parameters params{.stop = {"a", "\n", "b", "c", "d", "e"}};
  check_eq(wish("openai", "gpt-4o", params), R"(stop=["a","\n","b","c"])");
  check_eq(wish("openai", "m", params), R"(stop=["a","\n","b","c","d","e"])");
  check_eq(wish("openai", "m", params, question, {"long stop"}), R"(stop=["a","\n","b","c"])");
  check_eq(wish("gemini", "gemini-2.5-pro", params),
           R"(generationConfig={"stopSequences":["a","\n","b","c","d"]})");
  check_eq(wish("anthropic", "m", params), R"(stop_sequences=["a","b","c","d","e"])");
  check_eq(wish("anthropic", "m", {.stop = {" ", "\n\t"}}), "");
  check_eq(wish("ollama", "m", params), R"(options={"stop":["a","\n","b","c","d","e"]})");
}

TEST("a seed that does not fit is none") {
  check_eq(wish("gemini", "m", {.seed = 2'147'483'647}), R"(generationConfig={"seed":2147483647})");
  check_eq(wish("gemini", "m", {.seed = 2'147'483'648}), "");
  check_eq(wish("gemini", "m", {.seed = -2'147'483'649}), "");
  check_eq(wish("openai", "m", {.seed = 9'000'000'000}), "seed=9000000000");
}

TEST("Gemma has no system instruction: the user says it first") {
  request told{.system_prompt = "Be terse.", .messages = {{role::user, "hi"}}};
  const auto body = body_for("gemini", "gemma-3-27b-it", told);
  check(!body.contains("systemInstruction"));
  check_eq(body["contents"].dump(), R"([{"parts":[{"text":"Be terse.\n\n"},{"text":"hi"}],"role":"user"}])");
  check(body_for("gemini", "gemini-3.8-flash", told).contains("systemInstruction"));
  check(
    !body_for("gemini", "gemini-3.8-flash", told, {}, {"systemInstruction"}).contains("systemInstruction"));
}

TEST("templates that know no system and no second message of the same role get neither") {
  request told{.system_prompt = "Be terse.",
               .messages = {{role::user, "hi"},
                            {role::user, "you"},
                            {role::assistant, "Yes?"},
                            {.from = role::user, .content = "See:", .images = {{.url = "https://h/a.png"}}},
                            {role::user, "Well?"}}};
  const auto messages = [&](const refusals& refused) {
    return body_for("openai", "m", told, {}, refused)["messages"];
  };
  check_eq(messages({}).size(), 6u);
  check_eq(messages({"adjacent messages"}).dump(), json::parse(R"([
    {"role": "system", "content": "Be terse."},
    {"role": "user", "content": "hi\n\nyou"},
    {"role": "assistant", "content": "Yes?"},
    {"role": "user", "content": [{"type": "text", "text": "See:"},
      {"type": "image_url", "image_url": {"url": "https://h/a.png"}}, {"type": "text", "text": "Well?"}]}])")
                                                     .dump());
  check_eq(messages({"system message"})[0].dump(), R"({"content":"Be terse.\n\nhi\n\nyou","role":"user"})");
}

TEST("what a model refuses is not sent from the additions to the body either") {
  const parameters params{.extra_body = R"({"verbosity":"low","num":1})"};
  check_eq(wish("openai", "m", params), R"(num=1 verbosity="low")");
  check_eq(wish("openai", "m", params, question, {"verbosity"}), "num=1");
}

TEST("what a model cannot do is known before it is asked") {
  for (const auto* blind :
       {"llama3.2", "llama3.2:3b", "gpt-oss:20b", "qwen3:8b", "gemma3:1b", "gemma3:270m-it-qat"})
    check_eq(features("ollama", blind), "images");
  for (const auto* seeing :
       {"gemma4", "gemma3:4b", "llama3.2-vision", "qwen2.5vl", "qwen3-vl:8b", "me/llama3.2", "new"})
    check_eq(features("ollama", seeing), "");
  for (const auto* unforced : {"claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-1"})
    check_eq(features("anthropic", unforced), "required calls of tools");
  for (const auto* forced : {"claude-haiku-5-5", "claude-sonnet-5", "claude-opus-4-8", "glm-5"})
    check_eq(features("anthropic", forced), "");
  check_eq(features("openai", "llama3.2"), "");
}

TEST("Ollama refuses what is too long rather than cut its beginning off") {
  check_eq(body_for("ollama", "m", question)["truncate"], json(false));
  check(!body_for("ollama", "m", question, {}, {"truncate"}).contains("truncate"));
  request texts;
  texts.job = job_kind::embedding;
  texts.inputs = {"a"};
  check_eq(body_for("ollama", "m", texts)["truncate"], json(false));
}

} // SUITE("wishes")
