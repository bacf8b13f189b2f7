#include <magna/tests/simulator/conversation.hpp>

#include <string>
#include <vector>

#include <magna/tests/simulator/played.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using magna::test::ask_for;
using magna::test::client;
using magna::test::conversation;
using magna::test::events_of;
using magna::test::items_of;
using magna::test::json;
using magna::test::play;

namespace {

constexpr auto kind = protocol::openai_responses;

std::string types_of(std::string_view body) {
  std::string result;
  for (const auto& event : events_of(body))
    result += event["type"].get<std::string>().substr(9) + " ";
  return result;
}

std::string steps(std::string_view first, std::string_view second) {
  return "openai-responses=ok(wants=encrypted_content, " + std::string{first}
         + "), ok(wants=encrypted_content, " + std::string{second} + ")";
}

json output_of(const json& call) {
  return {{"type", "function_call_output"}, {"call_id", call["call_id"]}, {"output", "blue"}};
}

std::string words_of(const std::string& error) {
  return json::parse(error)["error"]["message"];
}

/// The message with which this body is refused.
std::string refusal_of(const std::string& members) {
  server sim{{}};
  client user{sim.port()};
  const auto request = ask_for(kind, false);
  auto body = json::parse(request.body);
  body.merge_patch(json::parse(members));
  const auto got = user.ask("POST", request.target, body.dump(), request.headers);
  return got.status == 400 ? words_of(got.body) : "status " + std::to_string(got.status);
}

} // namespace

SUITE("simulator responses") {

TEST("an answer is a response with items, streamed as events that build it up") {
  const auto streamed = play("ok(text=\"one two\", reasoning=hm, cached_tokens=1)", kind);
  check_eq(
    types_of(streamed.body),
    "created output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
    "reasoning_summary_text.done output_item.done output_item.added content_part.added "
    "output_text.delta output_text.delta output_text.done content_part.done output_item.done completed ");
  const auto last = events_of(streamed.body).back()["response"];
  check_eq(last["status"], "completed");
  check_eq(last["usage"].dump(),
           R"({"input_tokens":4,"input_tokens_details":{"cache_write_tokens":0,"cached_tokens":1},)"
           R"("output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":7})");
  const auto whole = json::parse(play("ok(text=\"one two\", reasoning=hm)", kind, false).body);
  check_eq(whole["output"], last["output"]);
  check_eq(whole["output"][0]["encrypted_content"], "c2lt");
  check_eq(whole["output"][1]["content"][0]["text"], "one two");
  check(streamed.body.find("[DONE]") == std::string::npos);
}

TEST("calls are items of their own, whose arguments come in pieces") {
  const auto body = play(R"(ok(call="look {\"word\": \"sky\"}", call=now))", kind).body;
  check_eq(types_of(body), "created output_item.added function_call_arguments.delta "
                           "function_call_arguments.delta function_call_arguments.done output_item.done "
                           "output_item.added function_call_arguments.delta function_call_arguments.done "
                           "output_item.done completed ");
  const auto items = items_of(true, body);
  require_eq(items.size(), 2u);
  check_eq(items[0]["call_id"], "call_sim0_1");
  check_eq(items[0]["arguments"], R"({"word": "sky"})");
  check_eq(items[1]["name"], "now");
}

TEST("an answer that is not whole says why") {
  const auto ended = [](const char* step) {
    const auto answer = json::parse(play(step, kind, false).body);
    return answer["status"].get<std::string>() + " " + answer["incomplete_details"].dump();
  };
  check_eq(ended("ok"), "completed null");
  check_eq(ended("ok(call=now)"), "completed null");
  check_eq(ended("ok(finish=length)"), R"(incomplete {"reason":"max_output_tokens"})");
  check_eq(ended("safety_stop"), R"(incomplete {"reason":"content_filter"})");
  check_eq(ended("no_finish"), "in_progress null");
  check_eq(json::parse(play("refusal", kind, false).body)["output"][0]["content"][0]["refusal"],
           "I can't help with that.");
}

TEST("an error inside a stream is an event, nested or flat, or the end of the answer") {
  const auto error = [](const char* form) {
    return events_of(play("stream_error(error=rate_limited, form=" + std::string{form} + ")", kind).body)
      .back();
  };
  check_eq(error("data")["type"], "error");
  check_eq(error("data")["error"]["code"], "rate_limit_exceeded");
  check_eq(error("flat")["type"], "error");
  check_eq(error("flat")["code"], "rate_limit_exceeded");
  check_eq(error("event")["type"], "response.failed");
  check_eq(error("event")["response"]["error"]["code"], "rate_limit_exceeded");
}

TEST("thoughts come back before what they led to, as they were") {
  for (const auto stream : {false, true}) {
    conversation talk{
      kind, steps(R"(reasoning="I must look.", call="look {\"word\": \"sky\"}", call=now)", "text=Found.")};
    const auto made = items_of(stream, talk.ask(json::array(), stream).body);
    require_eq(made.size(), 3u);
    const auto& thoughts = made[0];
    const auto& look = made[1];
    const auto& now = made[2];
    const auto ask = [&](std::vector<json> items) {
      items.push_back(output_of(look));
      items.push_back(output_of(now));
      const auto got = talk.ask(json(items), stream);
      return got.status == 400 ? words_of(got.body) : "status " + std::to_string(got.status);
    };
    const auto call = look["call_id"].get<std::string>();
    const auto without =
      "Item 'fc_" + call + "' of type 'function_call' was provided without its required 'reasoning' item.";
    check_eq(ask({look, now}), without);
    check_eq(ask({look, thoughts, now}), without);
    auto changed = thoughts;
    changed["encrypted_content"] = "b3RoZXI=";
    check_eq(ask({changed, look, now}),
             "The encrypted content for item " + thoughts["id"].get<std::string>()
               + " could not be verified. Reason: Encrypted content could not be decrypted or parsed.");
    auto bare = thoughts;
    bare.erase("encrypted_content");
    check(ask({bare, look, now}).find("not found. Items are not persisted") != std::string::npos);
    check_eq(ask({thoughts, look, now}), "status 200");
  }
}

TEST("calls of another server need no thoughts") {
  conversation talk{kind, steps("call=now", "text=Found.")};
  const json call = {{"type", "function_call"}, {"call_id", "c"}, {"name", "now"}, {"arguments", "{}"}};
  check_eq(talk.ask(json::array({call, output_of(call)})).status, 200u);
}

TEST("a conversation must fit together") {
  const auto input = [](const char* items) {
    return refusal_of(R"({"input":[{"role":"user","content":"hi"},)" + std::string{items} + "]}");
  };
  check_eq(input(R"({"type":"function_call_output","call_id":"c","output":"a"})"),
           "No tool call found for function call output with call_id c.");
  check_eq(input(R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"})"),
           "No tool output found for function call c.");
  check_eq(input(R"({"type":"function_call","name":"f","arguments":"{}"})"),
           "Missing required parameter: 'input[1].call_id'.");
  check_eq(
    input(
      R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"c2lt"},{"role":"user","content":"a"})"),
    "Item 'rs_1' of type 'reasoning' was provided without its required following item.");
  check_eq(input(R"({"role":"assistant","content":[{"type":"input_text","text":"a"}]})"),
           "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.");
  check_eq(input(R"({"role":"user","content":[{"type":"text","text":"a"}]})"),
           "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', and 'input_file'.");
  check_eq(input(R"({"role":"tool","content":"a"})"),
           "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer', and 'user'.");
  check_eq(input(R"({"role":"user","content":"a"})"), "status 200");
}

TEST("members that the API has not are refused") {
  check_eq(refusal_of(R"({"stop":["a"]})"), "Unknown parameter: 'stop'.");
  check_eq(refusal_of(R"({"messages":[]})"), "Unknown parameter: 'messages'.");
  check_eq(refusal_of(R"({"input":null})"), "Missing required parameter: 'input'.");
  check_eq(
    refusal_of(R"({"max_output_tokens":5})"),
    "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 5 instead.");
  check_eq(refusal_of(R"({"tools":[{"type":"function","function":{"name":"f"}}]})"),
           "Missing required parameter: 'tools[0].name'.");
  check_eq(refusal_of(R"({"input":"hi"})"), "status 200");
}

TEST("other servers of the protocol have ways of their own") {
  const auto answer = [](const char* server) {
    return play("ok(text=a, reasoning=\"one two\", call=\"f {\\\"word\\\": \\\"sky\\\"}\", like="
                  + std::string{server} + ")",
                kind)
      .body;
  };
  const auto usage = [&](const char* server) {
    return events_of(answer(server)).back()["response"]["usage"]["output_tokens"].get<int>();
  };
  check_eq(usage("azure"), 5);
  check_eq(usage("xai"), 3);
  // xAI tells what has to come back only at the end.
  int encrypted = 0;
  for (const auto& event : events_of(answer("xai")))
    encrypted += event.contains("item") && event["item"].contains("encrypted_content") ? 1 : 0;
  check_eq(encrypted, 0);
  check_eq(items_of(true, answer("xai"))[0]["encrypted_content"], "c2lt");
  check(!items_of(true, answer("mantle"))[0].contains("encrypted_content"));
  check_eq(items_of(true, answer("mantle"))[0]["content"][0]["text"], "one two");
  check(answer("openrouter").ends_with("data: [DONE]\n\n"));
  check(answer("openrouter").find("item_id") == std::string::npos);
  check_eq(items_of(true, answer("ollama"))[0]["encrypted_content"], "one two");
  for (const auto* bad :
       {"openai=ok(like=xai)", "openai-responses=ok(like=mantle, wants=encrypted_content)"}) {
    bool refused = false;
    try {
      parse_scenario(bad);
    } catch (const scenario_error&) {
      refused = true;
    }
    check(refused);
  }
}

TEST("models and embeddings of the protocol are below /openai") {
  server sim{{.scenario = parse_scenario("openai-responses(on=probe)=server_error; "
                                         "openai-responses(on=embed)=rate_limited")}};
  client user{sim.port()};
  const magna::test::header_list key{{"Authorization", "Bearer k"}};
  check(sim.url(kind, "b").ends_with("/i/b/openai/v1"));
  check_eq(user.ask("GET", "/openai/v1/models", "", key).status, 500u);
  check_eq(user.ask("GET", "/v1/models", "", key).status, 200u);
  const auto* texts = R"({"model":"m","input":["a"]})";
  check_eq(user.ask("POST", "/openai/v1/embeddings", texts, key).status, 429u);
  check_eq(user.ask("POST", "/v1/embeddings", texts, key).status, 200u);
  for (const auto* target : {"/openai/v1/responses", "/v1/responses"})
    check_eq(user.ask("POST", target, ask_for(kind, false).body, key).status, 200u);
  check_eq(user.ask("POST", "/openai/v1/chat/completions", ask_for(protocol::openai, false).body, key).status,
           200u);
}

} // SUITE("simulator responses")
