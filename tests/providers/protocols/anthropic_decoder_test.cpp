#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

/// As the server frames it.
std::string event(std::string_view type, std::string_view members = "") {
  return "event: " + std::string{type} + "\ndata: {\"type\":\"" + std::string{type} + "\""
         + std::string{members} + "}\n\n";
}

const std::string start = event(
  "message_start",
  R"(,"message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-6","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":7,"cache_read_input_tokens":100,"output_tokens":1}})");

const std::string text_start =
  event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");

std::string delta(std::string_view piece) {
  return event("content_block_delta", R"(,"index":0,"delta":)" + std::string{piece});
}

std::string text(std::string_view json_string) {
  return delta(R"({"type":"text_delta","text":)" + std::string{json_string} + "}");
}

std::string thought(std::string_view words) {
  return delta(R"({"type":"thinking_delta","thinking":")" + std::string{words} + "\"}");
}

std::string stop(std::string_view reason, int tokens = 15) {
  return event("content_block_stop", R"(,"index":0)")
         + event("message_delta", R"(,"delta":{"stop_reason":")" + std::string{reason}
                                    + R"(","stop_sequence":null},"usage":{"output_tokens":)"
                                    + std::to_string(tokens) + "}");
}

const std::string over = event("message_stop");
const std::string ping = event("ping");

test::outcome decode_stream(std::string_view body) {
  return decode({.kind = provider_kind::anthropic, .body = body});
}

test::outcome decode_whole(std::string_view body, int status = 200) {
  return decode({.kind = provider_kind::anthropic,
                 .body = body,
                 .content_type = "application/json",
                 .status = status,
                 .stream = false});
}

std::string message(std::string_view content, std::string_view reason) {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6","content":[)"
         + std::string{content} + R"(],"stop_reason":)" + std::string{reason}
         + R"(,"stop_sequence":null,"usage":{"input_tokens":12,"cache_read_input_tokens":5,"output_tokens":3}})";
}

} // namespace

SUITE("anthropic decoder") {

TEST("a stream is the text of its deltas, the model, and what was used") {
  const auto result = decode_stream(start + text_start + ping + text("\"Hel\"")
                                    + text("\"lo \\ud83d\\ude00\"") + stop("end_turn") + over);
  check_eq(result.summary(), "finished stop: Hello \xF0\x9F\x98\x80");
  // What the cache read and wrote is beside input_tokens, not in it.
  check_eq(result.tokens(), "132/15/-/100+7");
  check_eq(result.info.model, "claude-sonnet-4-6");
  check(result.complete);
}

TEST("a character may be cut in two by the deltas") {
  check_eq(
    decode_stream(start + text_start + text("\"a\\ud83d\"") + text("\"\\ude00b\"") + stop("end_turn") + over)
      .summary(),
    "finished stop: a\xF0\x9F\x98\x80"
    "b");
}

TEST("only message_stop proves that the answer is complete") {
  const auto body = start + text_start + text("\"Hello\"");
  check_eq(decode_stream(body).summary(), "failed stream_truncated: Hello");
  check_eq(decode_stream(body + stop("end_turn")).summary(), "failed stream_truncated: Hello");
  check_eq(decode_stream(body + stop("end_turn")).tokens(), "132/15/-/100+7?");
  check_eq(decode_stream(body + stop("end_turn") + over).summary(), "finished stop: Hello");
  check_eq(decode_stream(body + stop("end_turn") + over + text("\"more\"")).summary(),
           "finished stop: Hello");
  check_eq(decode_stream(start + ping).summary(), "failed stream_truncated: ");
}

TEST("stop reasons") {
  const auto said = start + text_start + text("\"a\"");
  const auto after = [&](std::string_view reason) {
    return decode_stream(said + stop(reason) + over).summary();
  };
  check_eq(after("end_turn"), "finished stop: a");
  check_eq(after("stop_sequence"), "finished stop: a");
  check_eq(after("max_tokens"), "finished length: a");
  check_eq(after("model_context_window_exceeded"), "finished length: a");
  check_eq(after("tool_use"), "finished tool_calls: a");
  check_eq(after("pause_turn"), "finished other: a");
  check_eq(after("something_new"), "finished other: a");
  check_eq(after("refusal"), "failed content_filtered: a");
  check_eq(decode_stream(start + stop("max_tokens") + over).summary(), "failed invalid_request: ");
  check_eq(decode_stream(start + stop("model_context_window_exceeded") + over).summary(),
           "failed context_length_exceeded: ");
  check_eq(decode_stream(start + stop("end_turn") + over).summary(), "finished stop: ");
}

TEST("thinking is no text, a ping no token") {
  const auto thinking =
    start
    + event("content_block_start",
            R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})")
    + thought("hm") + delta(R"({"type":"signature_delta","signature":"c2ln"})");
  const auto result = decode_stream(thinking + text_start + text("\"a\"") + stop("end_turn") + over);
  check_eq(result.summary(), "finished stop: a");
  check_eq(result.parts, "reasoning 'hm'; text 'a'");

  const auto decoder = codec_for(provider_kind::anthropic).make_decoder(job_kind::chat, true);
  decoder->head({200, {{"content-type", "text/event-stream; charset=utf-8"}}});
  part_sink said;
  const auto status_after = [&](std::string_view bytes) {
    decoder->feed(bytes);
    return decoder->next(said);
  };
  check(status_after(start) == decode_status::activity);
  check(status_after(ping) == decode_status::activity);
  check(status_after(thought("hm")) == decode_status::tokens);
  check(status_after(text("\"a\"")) == decode_status::tokens);
  check(status_after(text("\"\"")) == decode_status::activity);
  check_eq(said.take().at(0).bytes, "a");
}

TEST("an error inside the stream is what its type says, as if it came with its HTTP status") {
  const auto fails_as = [](std::string_view type, std::string_view words = "m") {
    return decode_stream(start + text_start + text("\"a\"")
                         + event("error", R"(,"error":{"type":")" + std::string{type} + R"(","message":")"
                                            + std::string{words} + "\"}"))
      .summary();
  };
  check_eq(fails_as("overloaded_error", "Overloaded"), "failed provider_unavailable: a");
  check_eq(fails_as("api_error", "Internal server error"), "failed provider_unavailable: a");
  check_eq(fails_as("rate_limit_error"), "failed rate_limited: a");
  check_eq(fails_as("timeout_error"), "failed timeout: a");
  check_eq(fails_as("authentication_error"), "failed authentication_failed: a");
  check_eq(fails_as("permission_error"), "failed authentication_failed: a");
  check_eq(fails_as("billing_error"), "failed rate_limited: a");
  check_eq(fails_as("not_found_error", "model: m"), "failed model_not_found: a");
  check_eq(fails_as("invalid_request_error"), "failed invalid_request: a");
  check_eq(fails_as("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
           "failed context_length_exceeded: a");
  check_eq(fails_as("request_too_large"), "failed invalid_request: a");
  check_eq(fails_as("something_new"), "failed provider_error: a");
}

TEST("a whole answer") {
  const auto result = decode_whole(
    message(R"({"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"Hel"},)"
            R"({"type":"text","text":"lo"})",
            "\"end_turn\""));
  check_eq(result.summary(), "finished stop: Hello");
  check_eq(result.tokens(), "17/3/-/5");
  check_eq(result.info.model, "claude-sonnet-4-6");
  check_eq(decode_whole(message(R"({"type":"text","text":"a"})", "\"max_tokens\"")).summary(),
           "finished length: a");
  check_eq(decode_whole(message("", "\"refusal\"")).summary(), "failed content_filtered: ");
  check_eq(decode_whole(message("", "\"end_turn\"")).summary(), "finished stop: ");
  check_eq(decode_whole(message(R"({"type":"text","text":"a"})", "null")).summary(),
           "failed stream_truncated: a");
  check_eq(decode_whole("{}").summary(), "failed provider_error: ");
}

TEST("a whole answer where a stream was asked for is an answer") {
  const auto body = message(R"({"type":"text","text":"a"})", "\"end_turn\"");
  check_eq(
    decode({.kind = provider_kind::anthropic, .body = body, .content_type = "application/json"}).summary(),
    "finished stop: a");
}

} // SUITE("anthropic decoder")
