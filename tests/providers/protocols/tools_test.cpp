// Calls of tools on their way back, in every split.

#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

test::outcome stream_of(std::string_view kind, std::string_view body) {
  return decode(
    {.kind = kind,
     .body = body,
     .content_type = kind == provider_kind::ollama ? "application/x-ndjson" : "text/event-stream"});
}

test::outcome document_of(std::string_view kind, std::string_view body) {
  return decode({.kind = kind, .body = body, .content_type = "application/json", .stream = false});
}

std::string openai_delta(std::string_view delta, std::string_view finish = "null") {
  return R"(data: {"model":"m","choices":[{"index":0,"delta":)" + std::string{delta} + R"(,"finish_reason":)"
         + std::string{finish} + "}]}\n\n";
}

std::string openai_calls(std::string_view calls) {
  return openai_delta(R"({"tool_calls":[)" + std::string{calls} + "]}");
}

std::string anthropic_event(std::string_view type, std::string_view members = "") {
  return R"(data: {"type":")" + std::string{type} + "\"" + std::string{members} + "}\n\n";
}

std::string anthropic_json(int index, std::string_view json_string) {
  return anthropic_event("content_block_delta", R"(,"index":)" + std::to_string(index)
                                                  + R"(,"delta":{"type":"input_json_delta","partial_json":)"
                                                  + std::string{json_string} + "}");
}

} // namespace

SUITE("tool calls") {

TEST("openai's arguments come in pieces, and are joined by index") {
  const auto body =
    openai_calls(R"({"index":0,"id":"c1","type":"function","function":{"name":"look_up","arguments":""}})")
    + openai_calls(R"({"index":0,"function":{"arguments":"{\"word\":\"caf"}})")
    + openai_calls(R"({"index":1,"id":"c2","type":"function","function":{"name":"now","arguments":""}})")
    + openai_calls(R"({"index":0,"function":{"arguments":"\u00e9\"}"}})")
    + openai_delta("{}", "\"tool_calls\"") + "data: [DONE]\n\n";
  const auto result = stream_of(provider_kind::openai, body);
  check_eq(result.summary(), "finished tool_calls: ");
  check_eq(result.calls(), "c1 look_up {\"word\":\"caf\xC3\xA9\"}; c2 now {}");
  // They are tokens: nobody waits for a first one any longer.
  check_eq(result.parts, "tool_call 0 c1 look_up '{\"word\":\"caf'; tool_call 1 c2 now ''; "
                         "tool_call 0 '\xC3\xA9\"}'; tool_call 1 '{}'");
}

TEST("openai's calls of servers that count them wrongly are told apart by their IDs") {
  const auto body = openai_calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{}"}})")
                    + openai_calls(R"({"index":0,"id":"c2","function":{"name":"b","arguments":"{\"x\":"}})")
                    + openai_calls(R"({"index":0,"function":{"arguments":"1}"}})")
                    + openai_delta("{}", "\"stop\"");
  const auto result = stream_of(provider_kind::openai, body);
  check_eq(result.summary(), "finished tool_calls: ");
  check_eq(result.calls(), "c1 a {}; c2 b {\"x\":1}");
}

TEST("openai's whole answer has its calls beside the text") {
  const auto result = document_of(
    provider_kind::openai,
    R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Let me see.","tool_calls":[)"
    R"({"id":"c1","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},)"
    R"({"id":"c2","type":"function","function":{"name":"b","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})");
  check_eq(result.summary(), "finished tool_calls: Let me see.");
  check_eq(result.calls(), "c1 a {\"x\":1}; c2 b {}");
}

TEST("gemini's calls come whole, with their signatures, and get IDs where they have none") {
  const auto body =
    std::string{R"(data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":)"
                R"({"name":"look_up","args":{"word":"x"}},"thoughtSignature":"c2ln"}]},"index":0}],)"
                R"("modelVersion":"m"})"}
    + "\r\n\r\n"
    + R"(data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"g2","name":"now"}}]},)"
      R"("finishReason":"STOP","index":0}],"modelVersion":"m"})"
    + "\r\n\r\n";
  const auto result = stream_of(provider_kind::gemini, body);
  check_eq(result.summary(), "finished tool_calls: ");
  check_eq(result.calls(), "call_1 look_up {\"word\":\"x\"} thought_signature=c2ln; g2 now {}");
}

TEST("ollama's calls come whole, spread over several lines") {
  const auto body =
    std::string{R"({"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":)"
                R"({"name":"look_up","arguments":{"word":"x"}}}]},"done":false})"}
    + "\n"
    + R"({"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"id":"o2","function":)"
      R"({"index":1,"name":"now","arguments":{}}}]},"done":false})"
    + "\n" + R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"})"
    + "\n";
  const auto result = stream_of(provider_kind::ollama, body);
  check_eq(result.summary(), "finished tool_calls: ");
  check_eq(result.calls(), "call_1 look_up {\"word\":\"x\"}; o2 now {}");
}

TEST("anthropic's arguments come in pieces, block by block") {
  const auto body =
    anthropic_event("message_start",
                    R"(,"message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}})")
    + anthropic_event("content_block_delta",
                      R"(,"index":0,"delta":{"type":"text_delta","text":"Let me see."})")
    + anthropic_event(
      "content_block_start",
      R"(,"index":1,"content_block":{"type":"tool_use","id":"t1","name":"look_up","input":{}})")
    + anthropic_json(1, R"("")") + anthropic_json(1, R"("{\"word\": \"ca")")
    + anthropic_json(1, R"("f\u00e9\"}")") + anthropic_event("content_block_stop", R"(,"index":1)")
    + anthropic_event("content_block_start",
                      R"(,"index":2,"content_block":{"type":"tool_use","id":"t2","name":"now","input":{}})")
    + anthropic_event("message_delta", R"(,"delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3})")
    + anthropic_event("message_stop");
  const auto result = stream_of(provider_kind::anthropic, body);
  check_eq(result.summary(), "finished tool_calls: Let me see.");
  check_eq(result.calls(), "t1 look_up {\"word\": \"caf\xC3\xA9\"}; t2 now {}");
  const auto whole = document_of(
    provider_kind::anthropic,
    R"({"type":"message","model":"m","content":[{"type":"tool_use","id":"t1","name":"a","input":{"x":1}}],)"
    R"("stop_reason":"tool_use"})");
  check_eq(whole.summary(), "finished tool_calls: ");
  check_eq(whole.calls(), "t1 a {\"x\":1}");
}

TEST("a call that is broken off is no call: the answer is truncated, or its limit has cut it") {
  const auto begun = openai_calls(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{}"}})")
                     + openai_calls(R"({"index":1,"id":"c2","function":{"name":"b","arguments":"{\"x\":"}})");
  check_eq(stream_of(provider_kind::openai, begun).summary(), "failed stream_truncated: ");
  check_eq(stream_of(provider_kind::openai, begun + openai_delta("{}", "\"tool_calls\"")).summary(),
           "failed provider_error: ");
  const auto cut = stream_of(provider_kind::openai, begun + openai_delta("{}", "\"length\""));
  check_eq(cut.summary(), "finished length: ");
  check_eq(cut.calls(), "c1 a {}");
}

} // SUITE("tool calls")
