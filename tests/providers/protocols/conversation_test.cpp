// How a conversation is told to a provider whose model did not lead it.

#include <magna/providers/conversation.hpp>
#include <magna/tests/providers/protocols/encoding.hpp>

using namespace magna;
using test::body_for;
using test::json;

namespace {

chat_message said(std::string text) {
  return {role::user, std::move(text)};
}

chat_message called(std::vector<tool_call> calls, std::string text = "") {
  return {.from = role::assistant, .content = std::move(text), .tool_calls = std::move(calls)};
}

tool_call made(std::string id, std::string name = "f") {
  return {.id = std::move(id), .name = std::move(name), .arguments = "{}"};
}

chat_message result(std::string id, std::string text = "42") {
  return {.from = role::tool, .content = std::move(text), .tool_call_id = std::move(id)};
}

request talk(std::vector<chat_message> messages) {
  request what;
  what.messages = std::move(messages);
  what.tools = {{.name = "f"}, {.name = "g"}};
  return what;
}

/// Each message in a few words: "user hi; assistant a=f b=g; tool a 42".
std::string told(const request& what, const conversation_rules& rules = {}) {
  std::string text;
  for (const auto& x : tell_conversation(what, rules)) {
    text += (text.empty() ? "" : "; ") + to_string(x.from);
    if (!x.call_id.empty())
      text += " " + x.call_id;
    if (!x.text.empty())
      text += " " + std::string{x.text};
    for (const auto& one : x.calls)
      text += " " + one.id + "=" + one.name;
  }
  return text;
}

std::string id_told(std::string id, const conversation_rules& rules) {
  return tell_conversation(talk({called({made(std::move(id))})}), rules).at(0).calls.at(0).id;
}

} // namespace

SUITE("conversation") {

TEST("what fits is told as it is") {
  check_eq(told(talk(
             {said("hi"), called({made("a"), made("b", "g")}, "Hm."), result("a"), result("b"), said("so")})),
           "user hi; assistant Hm. a=f b=g; tool a 42; tool b 42; user so");
}

TEST("results follow their calls, in the calls' order") {
  check_eq(told(talk({said("hi"), called({made("a"), made("b")}), result("b", "2"), said("well?"),
                      result("a", "1")})),
           "user hi; assistant a=f b=f; tool a 1; tool b 2; user well?");
  check_eq(told(talk({called({made("a")}), called({made("b")}), result("a", "1"), result("b", "2")})),
           "assistant a=f; tool a 1; assistant b=f; tool b 2");
}

TEST("a call without a result is told to be one") {
  const std::string none = " There is no result: the call was not carried out.";
  check_eq(told(talk({said("hi"), called({made("a"), made("b")}), result("b"), said("stop")})),
           "user hi; assistant a=f b=f; tool a" + none + "; tool b 42; user stop");
  check_eq(told(talk({said("hi"), called({made("a")})})), "user hi; assistant a=f; tool a" + none);
  check_eq(
    body_for("anthropic", "m", talk({said("hi"), called({made("a")})}))["messages"][2]["content"][0].dump(),
    R"({"content":"There is no result: the call was not carried out.","is_error":true,)"
    R"("tool_use_id":"a","type":"tool_result"})");
}

TEST("of two results of one call the later counts, and one without a call is what the user knows") {
  check_eq(told(talk({called({made("a")}), result("a", "1"), result("a", "2")})), "assistant a=f; tool a 2");
  check_eq(told(talk({said("hi"), result("x", "lost")})), "user hi; user lost");
}

TEST("IDs that come again in a conversation are told apart, and their results go with them") {
  check_eq(told(talk({called({made("call_1")}), result("call_1", "1"), said("more"), called({made("call_1")}),
                      result("call_1", "2")})),
           "assistant call_1=f; tool call_1 1; user more; assistant call_1_2=f; tool call_1_2 2");
  check_eq(told(talk({called({made("x"), made("x", "g")}), result("x", "1"), result("x", "2")})),
           "assistant x=f x_2=g; tool x 1; tool x_2 2");
  check_eq(told(talk({called({made("x_2"), made("x"), made("x")})})).substr(0, 27),
           "assistant x_2=f x=f x_3=f; ");
}

TEST("IDs fit the protocol, and an ID does not depend on what is said later") {
  const conversation_rules narrow{.id_characters = "_-", .longest_id = 40};
  check_eq(id_told("toolu_01A-b", narrow), "toolu_01A-b");
  check_eq(id_told("functions.f:0", narrow), "functions_f_0");
  check_eq(id_told("日", narrow), "___");
  check_eq(id_told("functions.f:0", {}), "functions.f:0");
  const auto vllm = id_told("chatcmpl-tool-0123456789abcdef0123456789abcdef", narrow);
  check_eq(vllm.size(), 40u);
  check(vllm.starts_with("chatcmpl-tool-0123456789abcde_"));
  check_ne(vllm, id_told("chatcmpl-tool-0123456789abcdef0123456789abcdee", narrow));
  const conversation_rules nine{.exact_id = 9};
  check_eq(id_told("D681PevKs", nine), "D681PevKs");
  const auto first = id_told("call_1", nine);
  check_eq(first.size(), 9u);
  check(first.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        == std::string::npos);
  const auto longer = tell_conversation(talk({called({made("call_1")}), called({made("call_1")})}), nine);
  check_eq(longer[0].calls[0].id, first);
  check_ne(longer[2].calls[0].id, first);
  check_eq(longer[2].calls[0].id.size(), 9u);
  const conversation_rules readable{.longest_id = 20, .readable_id = "__thought__"};
  check_eq(id_told("call_1__thought__c2lnbmF0dXJl", readable), "call_1__thought__c2lnbmF0dXJl");
}

TEST("who wants which IDs") {
  const auto id = [](std::string_view kind, std::string_view model, std::string own,
                     const test::refusals& refused = {}, std::string_view url = "http://h") {
    const auto what = talk({said("hi"), called({made(std::move(own))})});
    const auto message = body_for(kind, model, what, {}, refused, url)["messages"][1];
    return message.contains("tool_calls") ? message["tool_calls"][0]["id"].get<std::string>()
                                          : message["content"][0]["id"].get<std::string>();
  };
  const std::string kimi = "functions.f:0";
  check_eq(id("anthropic", "claude-haiku-5-5", kimi), "functions_f_0");
  // Kimi itself reads them.
  check_eq(id("openai", "kimi-k3", kimi), kimi);
  check_eq(id("ollama", "m", kimi), kimi);
  for (const auto* model :
       {"mistral-large-latest", "mistralai/Mistral-Small-3.2", "devstral", "open-mixtral-8x22b"})
    check_eq(id("openai", model, kimi).size(), 9u);
  check_eq(id("openai", "own", kimi, {}, "https://api.mistral.ai/v1").size(), 9u);
  check_eq(id("openai", "own", kimi, {"long call ids"}).size(), 9u);
  const std::string litellm = "call_1__thought__" + std::string(100, 'a');
  check_eq(id("openai", "gemini", litellm), litellm);
  check_eq(id("openai", "gpt-6-luna", litellm).size(), 40u);
}

TEST("names of calls fit the protocol, and mean the tool that was meant") {
  const auto name = [](std::string own, const conversation_rules& rules = {}) {
    return tell_conversation(talk({called({made("a", std::move(own))})}), rules).at(0).calls.at(0).name;
  };
  check_eq(name("default_api.f"), "f");
  check_eq(name("functions.g"), "g");
  check_eq(name("default_api:f"), "f");
  check_eq(name("default_api.other"), "default_api_other");
  check_eq(name("look up"), "look_up");
  check_eq(name(std::string(70, 'a')), std::string(64, 'a'));
  const conversation_rules gemini{.name_characters = "_-.:", .name_begins_with_letter = true};
  check_eq(name("default_api.other", gemini), "default_api.other");
  check_eq(name("2fast", gemini), "_2fast");
  // The result is that of the same name.
  const auto body =
    body_for("gemini", "m", talk({said("hi"), called({made("a", "default_api.f")}), result("a")}));
  check_eq(body["contents"][1]["parts"][0]["functionCall"]["name"], json("f"));
  check_eq(body["contents"][2]["parts"][0]["functionResponse"]["name"], json("f"));
}

TEST("messages of nothing but white space say nothing") {
  check_eq(told(talk({said("hi"), {role::assistant, " \n"}, said("\xc2\xa0\xe3\x80\x80"), said("you ")})),
           "user hi; user you ");
  check_eq(told(talk({said("hi"), called({made("a")}, "\n\n"), result("a", " ")})),
           "user hi; assistant a=f; tool a  ");
  // A picture says something.
  check_eq(told(talk({{.from = role::user, .content = " ", .images = {{.url = "https://h/a.png"}}}})),
           "user");
  // Alone, white space is for the model to judge.
  check_eq(told(talk({said(" ")})), "user  ");
  const request system{.system_prompt = " ", .messages = {{role::system, "\n"}, {role::user, "hi"}}};
  check(!body_for("anthropic", "m", system).contains("system"));
  check_eq(body_for("openai", "m", system)["messages"].size(), 1u);
}

TEST("Gemini's conversations begin with the user") {
  const auto body = body_for("gemini", "m", talk({called({made("a")}), result("a"), said("hi")}));
  check_eq(body["contents"][0].dump(),
           R"json({"parts":[{"text":"(The assistant speaks first.)"}],"role":"user"})json");
  check_eq(body["contents"][1]["role"], json("model"));
}

} // SUITE("conversation")
