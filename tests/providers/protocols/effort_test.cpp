// How much a model is to think, in the words that it has for it.

#include <algorithm>

#include <magna/providers/protocols/model_traits.hpp>
#include <magna/tests/providers/protocols/encoding.hpp>

using namespace magna;
using enum reasoning_effort;
using test::body_for;
using test::json;
using test::refusals;

namespace {

const request question{.messages = {{role::user, "hi"}}};

request with_tools() {
  auto result = question;
  result.tools = {{.name = "f"}};
  return result;
}

/// What all seven levels become, least first.
std::string scale_of(auto level_of) {
  std::string result;
  for (const auto effort : {none, minimal, low, medium, high, xhigh, max})
    result += (result.empty() ? "" : " ") + level_of(effort);
  return result;
}

std::string openai_scale(std::string_view model, const request& what = question) {
  return scale_of([&](reasoning_effort effort) {
    return body_for("openai", model, what, {.effort = effort}).value("reasoning_effort", "-");
  });
}

std::string gemini_scale(std::string_view model) {
  return scale_of([&](reasoning_effort effort) {
    const auto body = body_for("gemini", model, question, {.effort = effort});
    const auto thinking = body.value("/generationConfig/thinkingConfig"_json_pointer, json::object());
    if (thinking.contains("thinkingBudget"))
      return thinking["thinkingBudget"].dump();
    return thinking.value("thinkingLevel", "-");
  });
}

std::string ollama_scale(std::string_view model, const refusals& refused = {}) {
  return scale_of([&](reasoning_effort effort) {
    const auto body = body_for("ollama", model, question, {.effort = effort}, refused);
    if (!body.contains("think"))
      return std::string{"-"};
    return body["think"].is_string() ? body["think"].get<std::string>() : body["think"].dump();
  });
}

/// Level, thoughts and cap.
std::string claude(std::string_view model, const parameters& params, const request& what = question,
                   const refusals& refused = {}) {
  const auto body = body_for("anthropic", model, what, params, refused);
  return body.value("/output_config/effort"_json_pointer, "-") + " "
         + body.value("thinking", json("-")).dump() + " " + body["max_tokens"].dump();
}

} // namespace

SUITE("effort") {

TEST("each of OpenAI's models gets the nearest level that it has") {
  check_eq(openai_scale("gpt-5"), "minimal minimal low medium high high high");
  check_eq(openai_scale("gpt-5-mini-2025-08-07"), "minimal minimal low medium high high high");
  check_eq(openai_scale("gpt-5-pro"), "high high high high high high high");
  check_eq(openai_scale("gpt-5.1"), "none low low medium high high high");
  check_eq(openai_scale("gpt-5.4-mini"), "none low low medium high xhigh xhigh");
  check_eq(openai_scale("gpt-6-luna"), "none low low medium high xhigh xhigh");
  check_eq(openai_scale("o4-mini"), "low low low medium high high high");
  // These refuse none and minimal; so may those that are not known yet.
  for (const auto* model : {"gpt-6.1-sol", "gpt-6.2-astra", "gpt-6-astra", "gpt-7"})
    check_eq(openai_scale(model), "low low low medium high xhigh xhigh");
  for (const auto* model :
       {"gpt-4o", "gpt-5-chat-latest", "gpt-5.3-chat-latest", "chatgpt-4o-latest", "o1-mini"})
    check_eq(openai_scale(model), "- - - - - - -");
}

TEST("other makers' models behind OpenAI's protocol get theirs, and unknown ones what was asked for") {
  check_eq(openai_scale("some-model"), "none minimal low medium high xhigh max");
  check_eq(openai_scale("gpt-oss:20b"), "low low low medium high high high");
  check_eq(openai_scale("openai/gpt-6-luna"), "none low low medium high xhigh xhigh");
  check_eq(openai_scale("models/gemini-3.8-flash"), "low low low medium high high high");
  check_eq(openai_scale("deepseek-v4-pro"), "- low low medium high max max");
  check_eq(body_for("openai", "deepseek-v4-pro", question, {.effort = none})["thinking"].dump(),
           R"({"type":"disabled"})");
  check(
    !body_for("openai", "deepseek-v4-pro", question, {.effort = none}, {"thinking"}).contains("thinking"));
  check(!body_for("openai", "deepseek/deepseek-v4", question, {.effort = none}).contains("thinking"));
}

TEST("models of OpenAI's that take tools only while they do not think are told so at once") {
  for (const auto* model : {"gpt-5.6-sol", "gpt-6-sol", "gpt-6-luna"}) {
    check_eq(body_for("openai", model, with_tools())["reasoning_effort"], json("none"));
    check_eq(body_for("openai", model, with_tools(), {.effort = high})["reasoning_effort"], json("none"));
    check(!body_for("openai", model, question).contains("reasoning_effort"));
  }
  // This one takes no effort beside them.
  check_eq(openai_scale("gpt-5.4", with_tools()), "- - - - - - -");
  check_eq(openai_scale("gpt-5.2", with_tools()), "none low low medium high xhigh xhigh");
  // What a refusal has told is told again only to models that have it.
  check_eq(body_for("openai", "gpt-5.2", with_tools(), {}, {"reasoning_effort"})["reasoning_effort"],
           json("none"));
  check(
    !body_for("openai", "gpt-6.2-sol", with_tools(), {}, {"reasoning_effort"}).contains("reasoning_effort"));
}

TEST("Gemini 3 and later have levels, Gemini 2.5 a budget") {
  check_eq(gemini_scale("gemini-3.8-flash"), "low low low medium high high high");
  check_eq(gemini_scale("models/gemini-3.8-flash"), "low low low medium high high high");
  check_eq(gemini_scale("gemini-3-flash-preview"), "minimal minimal low medium high high high");
  check_eq(gemini_scale("gemini-3-pro-preview"), "low low low high high high high");
  check_eq(gemini_scale("gemini-4-hydrogen"), "low low low medium high xhigh xhigh");
  check_eq(gemini_scale("gemini-4-argon"), "low low low medium high high high");
  check_eq(gemini_scale("gemini-5-helium"), "low low low medium high high high");
  check_eq(gemini_scale("gemini-2.5-flash"), "0 512 1024 8192 24576 24576 24576");
  check_eq(gemini_scale("gemini-2.5-pro"), "128 512 1024 8192 24576 32768 32768");
  check_eq(gemini_scale("gemini-2.0-flash"), "- - - - - - -");
  check(!body_for("gemini", "gemini-2.5-pro", question, {.effort = low}, {"thinkingBudget"})
           .contains("generationConfig"));
  // Of a model without thoughts nothing of the kind is asked.
  auto shown = question;
  shown.stream_reasoning = true;
  check(!body_for("gemini", "gemini-3.8-flash", shown, {.effort = low}, {"includeThoughts"})
           .contains("generationConfig"));
}

TEST("Ollama's models have levels, or yes and no") {
  check_eq(ollama_scale("gpt-oss:20b"), "low low low medium high high high");
  for (const auto* model : {"gemma4", "gemma4:31b", "qwen3:8b", "deepseek-r1"})
    check_eq(ollama_scale(model), "false true true true true true true");
  check_eq(ollama_scale("new-model"), "false low low medium high max max");
  // `think value "low" is not supported for this model`, and then `"m" does not support thinking`.
  check_eq(ollama_scale("new-model", {"think level"}), "false true true true true true true");
  check_eq(ollama_scale("new-model", {"think level", "think"}), "- - - - - - -");
}

TEST("Claude 5 thinks as it sees fit, and each of its models is told in its own way not to") {
  check_eq(claude("claude-haiku-5-5", {}), R"(- "-" 16384)");
  check_eq(claude("claude-haiku-5-5", {.effort = xhigh}), R"(xhigh "-" 16384)");
  check_eq(claude("claude-haiku-5-5", {.effort = minimal}), R"(low "-" 16384)");
  check_eq(claude("claude-haiku-5-5", {.effort = none}), R"(- {"type":"disabled"} 16384)");
  check_eq(claude("claude-opus-5", {.effort = none}), R"(- {"type":"disabled"} 16384)");
  check_eq(claude("claude-sonnet-5-5", {.effort = none}), R"(- {"type":"between_tools"} 16384)");
  for (const auto* model : {"claude-opus-5-5", "claude-fable-5-2", "claude-mythos-5-2", "claude-epic-6"})
    check_eq(claude(model, {.effort = none}), R"(low "-" 16384)");
  check_eq(claude("claude-haiku-5-5", {.effort = none}, question, {"thinking"}), R"(low "-" 16384)");
  // Its thoughts come without words unless they are asked for.
  auto shown = question;
  shown.stream_reasoning = true;
  check_eq(claude("claude-haiku-5-5", {}, shown), R"(- {"display":"summarized","type":"adaptive"} 16384)");
  check_eq(claude("claude-haiku-5-5", {.effort = none}, shown), R"(- {"type":"disabled"} 16384)");
}

TEST("Claude 4.6 to 4.8 think when they are told to, with the levels that they have") {
  check_eq(claude("claude-opus-4-8", {}), R"(- "-" 16384)");
  check_eq(claude("claude-opus-4-8", {.effort = xhigh}), R"(xhigh {"type":"adaptive"} 16384)");
  check_eq(claude("claude-sonnet-4-6", {.effort = xhigh}), R"(max {"type":"adaptive"} 16384)");
  check_eq(claude("claude-sonnet-4-6", {.effort = none}), R"(- "-" 16384)");
  check_eq(claude("claude-sonnet-4-6", {.effort = max}, question, {"high effort"}),
           R"(high {"type":"adaptive"} 16384)");
  // Sampling and thoughts exclude each other.
  const auto body = body_for("anthropic", "claude-sonnet-4-6", question, {.temperature = 0.5, .effort = low});
  check(!body.contains("temperature"));
}

TEST("older Claudes think within a budget, beside which the answer has room") {
  check_eq(claude("claude-sonnet-4-5-20250929", {.effort = medium}),
           R"(- {"budget_tokens":8192,"type":"enabled"} 24576)");
  check_eq(claude("claude-opus-4-5", {.effort = low}),
           R"(low {"budget_tokens":2048,"type":"enabled"} 18432)");
  check_eq(claude("anthropic.claude-opus-4-1-20250805-v1:0", {.effort = max}),
           R"(- {"budget_tokens":16000,"type":"enabled"} 32000)");
  check_eq(claude("claude-3-7-sonnet-latest", {.max_tokens = 4000, .effort = high}),
           R"(- {"budget_tokens":2000,"type":"enabled"} 4000)");
  check_eq(claude("claude-sonnet-4-5", {.max_tokens = 1500, .effort = high}), R"(- "-" 1500)");
  check_eq(claude("claude-sonnet-4-5", {.effort = none}), R"(- "-" 16384)");
  check_eq(claude("claude-3-5-haiku-latest", {.effort = high}), R"(- "-" 8192)");
  check_eq(claude("claude-3-haiku-20240307", {.effort = high}), R"(- "-" 4096)");
}

TEST("a model is not told to think where it may not") {
  auto forced = with_tools();
  forced.tool_choice = tool_choice::required;
  check_eq(claude("claude-sonnet-4-5", {.effort = low}, forced), R"(- "-" 16384)");
  auto begun = question;
  begun.messages.push_back({role::assistant, "Well,"});
  check_eq(claude("claude-sonnet-4-5", {.effort = low}, begun), R"(- "-" 16384)");
  // In the midst of calls that were made without thoughts.
  auto calling = with_tools();
  calling.messages.push_back(
    {.from = role::assistant, .content = "", .tool_calls = {{.id = "a", .name = "f", .arguments = "{}"}}});
  calling.messages.push_back({.from = role::tool, .content = "42", .tool_call_id = "a"});
  check_eq(claude("claude-sonnet-4-5", {.effort = low}, calling), R"(- "-" 16384)");
  calling.messages[1].items = {
    {"anthropic", "thinking", R"({"type":"thinking","thinking":"hm","signature":"s"})"}};
  check_eq(claude("claude-sonnet-4-5", {.effort = low}, calling),
           R"(- {"budget_tokens":2048,"type":"enabled"} 18432)");
  calling.messages[1].items.clear();
  calling.messages.push_back({role::user, "Go on."});
  check_eq(claude("claude-sonnet-4-5", {.effort = low}, calling), R"(- "-" 16384)");
  calling.messages.push_back({role::assistant, "Done."});
  calling.messages.push_back({role::user, "And now?"});
  check_eq(claude("claude-sonnet-4-5", {.effort = low}, calling),
           R"(- {"budget_tokens":2048,"type":"enabled"} 18432)");
}

TEST("other servers behind Anthropic's protocol are told the same as the newest model") {
  check_eq(claude("glm-5", {.effort = high}), R"(high "-" 16384)");
  check_eq(claude("glm-5", {.effort = none}), R"(- {"type":"disabled"} 16384)");
  check_eq(claude("glm-5", {.max_tokens = 300'000}), R"(- "-" 300000)");
}

TEST("a cap above the model's own is the model's own") {
  check_eq(claude("claude-opus-4-5", {.max_tokens = 100'000}), R"(- "-" 64000)");
  check_eq(claude("claude-haiku-5-5", {.max_tokens = 200'000}), R"(- "-" 128000)");
  check_eq(claude("claude-haiku-5-5", {.max_tokens = 100'000}, question, {"high cap"}), R"(- "-" 4096)");
  check(!body_for("openai", "m", question, {.max_tokens = 100'000}, {"high cap"}).contains("max_tokens"));
}

} // SUITE("effort")
