#include <magna/tests/simulator/conversation.hpp>

#include <initializer_list>
#include <string>
#include <vector>

#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using magna::test::conversation;
using magna::test::json;

namespace {

/// A step that calls two tools, then one that only speaks; both want the item back.
std::string two_steps(protocol kind, const std::string& item) {
  return std::string{to_string(kind)} + "=ok(wants=" + item
         + R"(, reasoning="I must look.", call="look {\"word\": \"sky\"}", call=now), ok(wants=)" + item
         + ", text=Found.)";
}

/// The text of an answer of OpenAI's, streamed or not.
std::string got_text(const std::string& body) {
  const auto stream = body.starts_with("data: ");
  return magna::test::message_of(protocol::openai, stream, body)["content"].get<std::string>();
}

/// The message without one of its members.
json without(json message, const char* name) {
  message.erase(name);
  return message;
}

json with(json message, const char* name, json value) {
  message[name] = std::move(value);
  return message;
}

/// A call that no simulator made, in a message of OpenAI's.
json foreign_openai() {
  return json::parse(R"({"role":"assistant","content":null,"tool_calls":[
    {"id":"call_sim0_1","type":"function","function":{"name":"look","arguments":"{\"word\": \"sky\"}"}}]})");
}

std::string missing_signature(const std::string& name, int position) {
  return "Function call is missing a thought_signature in functionCall parts. This is required for tools to "
         "work "
         "correctly, and missing thought_signature may lead to degraded model performance. Additional data, "
         "function call `default_api:"
         + name + "` , position " + std::to_string(position) + ".";
}

std::string gemini_error(const std::string& message) {
  return json{{"error", {{"code", 400}, {"message", message}, {"status", "INVALID_ARGUMENT"}}}}.dump();
}

} // namespace

SUITE("simulator history") {

TEST("OpenAI, reasoning_content: each message of the assistant has it, with calls the very one") {
  for (auto stream : {false, true}) {
    conversation talk{protocol::openai, two_steps(protocol::openai, "reasoning_content")};
    const auto made = talk.first_answer(stream);
    check_eq(made["reasoning_content"], "I must look.");
    check_eq(made["tool_calls"].size(), 2u);
    const auto error =
      json{{"error",
            {{"message", "The `reasoning_content` in the thinking mode must be passed back to the API."},
             {"type", "invalid_request_error"},
             {"param", nullptr},
             {"code", "invalid_request_error"}}}}
        .dump();
    check_eq(talk.refusal(without(made, "reasoning_content"), stream), error);
    check_eq(talk.refusal(with(made, "reasoning_content", ""), stream), error);
    check_eq(talk.refusal(with(made, "reasoning_content", nullptr), stream), error);
    check_eq(talk.refusal(with(made, "reasoning_content", "I must not look."), stream), error);
    check_eq(talk.refusal(foreign_openai(), stream), error);
    check_eq(talk.refusal({{"role", "assistant"}, {"content", "Hello."}}, stream), error);
    // None of them took the second step.
    const auto good = talk.ask({made, with(foreign_openai(), "reasoning_content", "")}, stream);
    check_eq(got_text(good.body), "Found.");
    check_eq(talk.status(made, stream), 200u);
    check_eq(talk.status(with(foreign_openai(), "reasoning_content", "Hm."), stream), 200u);
  }
}

TEST("OpenAI, reasoning_details: they come in pieces and at last a signature, and go back joined or not") {
  for (auto stream : {false, true}) {
    conversation talk{protocol::openai, two_steps(protocol::openai, "reasoning_details")};
    const auto made = talk.first_answer(stream);
    check_eq(made["reasoning"], "I must look.");
    check(!made.contains("reasoning_content"));
    const auto& details = made["reasoning_details"];
    require_eq(details.size(), stream ? 4u : 1u);
    for (const auto& detail : details) {
      check_eq(detail["type"], "reasoning.text");
      check_eq(detail["format"], "anthropic-claude-v1");
      check_eq(detail["index"], 0);
      check_eq(detail["id"], details[0]["id"]);
      check_eq(detail.contains("signature"), detail == details.back());
    }
    check_eq(details[0]["text"], stream ? "I" : "I must look.");
    check_eq(details.back()["text"], stream ? "" : "I must look.");
    check_eq(talk.status(made, stream), 200u);
    const auto signature = details.back()["signature"];
    const auto joined = [&](const json& detail) {
      return with(made, "reasoning_details", std::vector<json>{detail});
    };
    check_eq(
      talk.status(joined({{"type", "reasoning.text"}, {"text", "I must look."}, {"signature", signature}})),
      200u);
    const auto error = json{
      {"error",
       {{"message", "messages.2: `reasoning_details` must be passed back unmodified with the "
                    "tool calls that they came with."},
        {"code", 400}}}}.dump();
    check_eq(talk.refusal(without(made, "reasoning_details"), stream), error);
    check_eq(talk.refusal(joined({{"type", "reasoning.text"}, {"text", "I must look."}}), stream), error);
    check_eq(talk.refusal(joined({{"text", "I must look."}, {"signature", "c2lt"}}), stream), error);
    check_eq(talk.refusal(joined({{"text", "I must."}, {"signature", signature}}), stream), error);
    check_eq(talk.status(foreign_openai(), stream), 200u);
    check_eq(talk.status({{"role", "assistant"}, {"content", "Hello."}}, stream), 200u);
  }
}

TEST("OpenAI, thought_signature: the first call is signed, and errors come in a list") {
  for (auto stream : {false, true}) {
    conversation talk{protocol::openai, two_steps(protocol::openai, "thought_signature")};
    const auto made = talk.first_answer(stream);
    const auto signature = made["tool_calls"][0]["extra_content"]["google"]["thought_signature"];
    check(signature.is_string() && signature != "c2lt");
    check(!made["tool_calls"][1].contains("extra_content"));
    const auto error = [](const std::string& message) { return "[" + gemini_error(message) + "]"; };
    const auto signed_as = [](json message, const json& value) {
      message["tool_calls"][0]["extra_content"]["google"]["thought_signature"] = value;
      return message;
    };
    auto unsigned_one = made;
    unsigned_one["tool_calls"][0].erase("extra_content");
    check_eq(talk.refusal(unsigned_one, stream), error(missing_signature("look", 2)));
    check_eq(talk.refusal(foreign_openai(), stream), error(missing_signature("look", 2)));
    check_eq(talk.refusal(signed_as(made, "b3RoZXI="), stream), error("Corrupted thought signature."));
    constexpr auto dummy = "skip_thought_signature_validator";
    check_eq(talk.refusal(signed_as(made, dummy), stream), error("Corrupted thought signature."));
    check_eq(talk.refusal(signed_as(foreign_openai(), signature), stream),
             error("Corrupted thought signature."));
    const auto good = talk.ask({made, signed_as(foreign_openai(), dummy)}, stream);
    check_eq(got_text(good.body), "Found.");
  }
}

TEST("Gemini, thought_signature: the first call of a content is signed, and the thoughts are marked") {
  for (auto stream : {false, true}) {
    conversation talk{protocol::gemini, two_steps(protocol::gemini, "thought_signature")};
    auto made = talk.first_answer(stream);
    const auto calls = made["parts"].size() - 2;
    check_eq(calls, stream ? 3u : 1u);
    check_eq(made["parts"][0]["thought"], true);
    auto& first = made["parts"][calls];
    const auto signature = first["thoughtSignature"];
    check(signature.is_string() && signature != "c2lt");
    check(!made["parts"].back().contains("thoughtSignature"));
    const auto& error = gemini_error;
    const auto good = made;
    first.erase("thoughtSignature");
    check_eq(talk.refusal(made, stream), error(missing_signature("look", 2)));
    // A client that sends no ids is known by what it calls.
    first["functionCall"].erase("id");
    first["thoughtSignature"] = "b3RoZXI=";
    check_eq(talk.refusal(made, stream), error("Corrupted thought signature."));
    first["thoughtSignature"] = signature;
    check_eq(talk.status(made, stream), 200u);
    check_eq(talk.status(good, stream), 200u);
    auto foreign = json::parse(R"({"role":"model","parts":[{"text":"Well."},
      {"functionCall":{"id":"sim0_1","name":"look","args":{}}},{"functionCall":{"name":"now"}}]})");
    check_eq(talk.refusal(foreign, stream), error(missing_signature("look", 2)));
    foreign["parts"][1]["thoughtSignature"] = "skip_thought_signature_validator";
    check_eq(talk.status(foreign, stream), 200u);
    check_eq(talk.status({{"role", "model"}, {"parts", {{{"text", "Hello."}}}}}, stream), 200u);
  }
}

TEST("Gemini's calls of a step that wants nothing back are right with the signature that they have") {
  conversation talk{protocol::gemini, "gemini=ok(call=now), ok(wants=thought_signature)"};
  const auto made = talk.first_answer();
  check_eq(made["parts"][0]["thoughtSignature"], "c2lt");
  check_eq(talk.status(made), 200u);
}

TEST("Anthropic, thinking: the block stands before the calls, as it came") {
  for (auto stream : {false, true}) {
    conversation talk{protocol::anthropic, two_steps(protocol::anthropic, "thinking")};
    const auto made = talk.first_answer(stream);
    require_eq(made["content"].size(), 3u);
    const auto& block = made["content"][0];
    check_eq(block["type"], "thinking");
    check_eq(block["thinking"], "I must look.");
    check_ne(block["signature"], "c2lt");
    const auto error = [](const std::string& message) {
      return json{{"type", "error"}, {"error", {{"type", "invalid_request_error"}, {"message", message}}}}
        .dump();
    };
    const auto expected = [&](const std::string& type) {
      return error(
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `" + type
        + "`. When `thinking` is enabled, a final `assistant` message must start with a thinking block "
          "(preceeding the lastmost set of `tool_use` and `tool_result` blocks).");
    };
    const auto changed = [](int index) {
      return "messages.1.content." + std::to_string(index) + ": Invalid `signature` in `thinking` block";
    };
    const auto content = [](std::initializer_list<json> blocks) {
      return json{{"role", "assistant"}, {"content", std::vector<json>(blocks)}};
    };
    const auto& call = made["content"][1];
    const json text = {{"type", "text"}, {"text", "Well."}};
    check_eq(talk.refusal(content({call}), stream), expected("tool_use"));
    check_eq(talk.refusal(content({text, call}), stream), expected("text"));
    check_eq(talk.refusal(content({call, block}), stream), error(changed(1)));
    check_eq(talk.refusal(content({with(block, "thinking", "I must not look."), call}), stream),
             error(changed(0)));
    check_eq(talk.refusal(content({text, with(block, "signature", "b3RoZXI="), call}), stream),
             error(changed(1)));
    // Another server's thinking is refused, its calls are not.
    const auto foreign = json::parse(R"({"type":"tool_use","id":"toolu_sim0_1","name":"look","input":{}})");
    check_eq(talk.refusal(content({with(block, "signature", "b3RoZXI="), foreign}), stream),
             error(changed(0)));
    check_eq(talk.status(content({foreign}), stream), 200u);
    check_eq(talk.status(content({block, text, call, made["content"][2]}), stream), 200u);
    check_eq(talk.status({{"role", "assistant"}, {"content", "Hello."}}, stream), 200u);
  }
}

TEST("Ollama, thinking: a message with calls has it") {
  for (auto stream : {false, true}) {
    conversation talk{protocol::ollama, two_steps(protocol::ollama, "thinking")};
    auto made = talk.first_answer(stream);
    check_eq(made["thinking"], "I must look.");
    const auto error =
      json{{"error", "invalid message 2: thinking must be sent back with the tool calls that it came with"}}
        .dump();
    check_eq(talk.refusal(without(made, "thinking"), stream), error);
    check_eq(talk.refusal(with(made, "thinking", "I must not look."), stream), error);
    auto nameless = made;
    for (auto& call : nameless["tool_calls"])
      call.erase("id");
    check_eq(talk.status(nameless, stream), 200u);
    check_eq(talk.refusal(without(nameless, "thinking"), stream), error);
    check_eq(talk.status(made, stream), 200u);
    nameless["tool_calls"] = json::parse(R"([{"function":{"name":"look","arguments":{"word":"sea"}}}])");
    check_eq(talk.status(without(nameless, "thinking"), stream), 200u);
    check_eq(talk.status({{"role", "assistant"}, {"content", "Hello."}}, stream), 200u);
  }
}

TEST("a refused history takes no step, and the log has its status") {
  conversation talk{protocol::openai, two_steps(protocol::openai, "reasoning_content")};
  const auto made = talk.first_answer();
  check_eq(talk.status(without(made, "reasoning_content")), 400u);
  check_eq(talk.status(made), 200u);
  require(talk.sim.wait_for_end(2).has_value());
  const auto log = talk.sim.requests();
  check_eq(log.at(1).step, "");
  check_eq(log.at(1).status, 400u);
  check_eq(log.at(2).step, "ok");
}

TEST("only a step that wants something checks for it") {
  conversation talk{protocol::openai, "openai=ok(wants=reasoning_content, call=now), ok, rate_limited"};
  const auto made = talk.first_answer();
  check_eq(made["reasoning_content"], "Let me think about this.");
  check_eq(talk.status(without(made, "reasoning_content")), 200u);
  check_eq(talk.status(without(made, "reasoning_content")), 429u);
}

TEST("an answer of another instance, item or simulator is foreign; a reset makes none so") {
  const auto steps = [](const char* target, const char* item) {
    return std::string{target} + "=ok(wants=" + item + ", call=now)";
  };
  conversation talk{protocol::openai, steps("openai", "reasoning_details")};
  conversation elsewhere{protocol::openai, steps("openai", "reasoning_details")};
  const auto made = without(talk.first_answer(), "reasoning_details");
  elsewhere.first_answer();
  check_eq(talk.status(made), 400u);
  check_eq(elsewhere.status(made), 200u);
  check_eq(talk.ask(json::array({made}), false, "b").status, 200u);
  talk.sim.reset();
  check_eq(talk.status(made), 400u);
  talk.sim.set_scenario(parse_scenario(steps("openai", "reasoning_content")));
  check_eq(talk.status(with(made, "reasoning_content", "")), 200u);
}

TEST("a strict step refuses what other servers put into messages") {
  conversation talk{protocol::openai, "openai=ok(strict=true), ok"};
  const json plain = {{"role", "assistant"}, {"content", "Hello."}};
  const auto error = [](const std::string& name) {
    return json{{"error",
                 {{"message", "property '" + name + "' is unsupported"},
                  {"type", "invalid_request_error"},
                  {"param", "messages.2"}}}}
      .dump();
  };
  for (const auto* name : {"reasoning_content", "reasoning", "reasoning_details"}) {
    check_eq(talk.refusal(with(plain, name, ""), true), error(name));
    check_eq(talk.refusal(with(plain, name, nullptr)), error(name));
  }
  auto calling = foreign_openai();
  calling["tool_calls"][0]["extra_content"] = json::object();
  check_eq(talk.refusal(calling), error("extra_content"));
  check_eq(talk.ask({plain, foreign_openai()}).status, 200u);
  check_eq(talk.status(with(plain, "reasoning", "")), 200u);
}

} // SUITE("simulator history")
