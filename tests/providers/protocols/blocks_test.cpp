// Blocks of Anthropic's streams that magna did not ask for, messages that begin twice, and refusals, in every split.

#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

std::string event(std::string_view type, std::string_view members = "") {
  return "event: " + std::string{type} + "\ndata: {\"type\":\"" + std::string{type} + "\""
         + std::string{members} + "}\n\n";
}

std::string start(std::string_view id = "msg_1", std::string_view model = "m") {
  return event("message_start", R"(,"message":{"id":")" + std::string{id} + R"(","model":")"
                                  + std::string{model}
                                  + R"(","usage":{"input_tokens":5,"output_tokens":1}})");
}

std::string block(int index, std::string_view json) {
  return event("content_block_start",
               R"(,"index":)" + std::to_string(index) + R"(,"content_block":)" + std::string{json});
}

std::string delta(int index, std::string_view json) {
  return event("content_block_delta",
               R"(,"index":)" + std::to_string(index) + R"(,"delta":)" + std::string{json});
}

std::string end_block(int index) {
  return event("content_block_stop", R"(,"index":)" + std::to_string(index));
}

std::string text(int index, std::string_view words) {
  return block(index, R"({"type":"text","text":""})")
         + delta(index, R"({"type":"text_delta","text":")" + std::string{words} + "\"}") + end_block(index);
}

std::string tool(int index, std::string_view id) {
  return block(index, R"({"type":"tool_use","id":")" + std::string{id} + R"(","name":"f","input":{}})")
         + delta(index, R"({"type":"input_json_delta","partial_json":"{\"x\":1}"})") + end_block(index);
}

std::string reason(std::string_view why, std::string_view more = "") {
  return event("message_delta", R"(,"delta":{"stop_reason":")" + std::string{why} + "\"" + std::string{more}
                                  + R"(},"usage":{"output_tokens":9})");
}

const std::string over = event("message_stop");

std::string answer(std::string_view body, std::string_view type = "text/event-stream") {
  const auto result = decode({.kind = provider_kind::anthropic, .body = body, .content_type = type});
  return result.summary() + (result.calls().empty() ? "" : " | " + result.calls())
         + (result.status == decode_status::failed ? " | " + result.error.message : "");
}

} // namespace

SUITE("anthropic blocks") {

TEST("blocks that magna did not ask for are passed over, with their deltas, whatever they are called") {
  for (const auto* type : {"server_tool_use", "mcp_tool_use", "mcp_tool_result", "web_search_tool_result",
                           "code_execution_tool_result", "container_upload", "advisor_tool_result",
                           "compaction", "fallback", "something_new"}) {
    const auto foreign =
      block(1, R"({"type":")" + std::string{type}
                 + R"(","id":"s1","name":"web_search","text":"no","input":{},"content":[]})")
      + delta(1, R"({"type":"input_json_delta","partial_json":"{\"q"})")
      + delta(1, R"({"type":"input_json_delta","partial_json":"\":1}"})")
      + delta(1, R"({"type":"text_delta","text":"no"})")
      + delta(1, R"({"type":"compaction_delta","content":"no"})")
      + delta(1, R"({"type":"something_new","text":"no"})");
    check_eq(
      answer(start() + text(0, "a") + foreign + end_block(1) + text(2, "b") + reason("end_turn") + over),
      "finished stop: ab");
    check_eq(answer(start() + foreign + end_block(1) + tool(2, "t1") + reason("tool_use") + over),
             R"(finished tool_calls:  | t1 f {"x":1})");
    // The end of a block may be missing, and its index be used again.
    check_eq(answer(start() + foreign + text(1, "b") + reason("end_turn") + over), "finished stop: b");
    check_eq(answer(start() + tool(1, "t1") + foreign + text(2, "b") + reason("tool_use") + over),
             R"(finished tool_calls: b | t1 f {"x":1})");
    const auto whole = R"({"type":"message","model":"m","content":[{"type":"text","text":"a"},{"type":")"
                       + std::string{type}
                       + R"(","text":"no","input":{}},{"type":"text","text":"b"}],"stop_reason":"end_turn"})";
    check_eq(answer(whole, "application/json"), "finished stop: ab");
  }
}

TEST("a message that begins anew before anything was said is begun anew") {
  check_eq(answer(start("msg_1") + start("msg_2", "other") + text(0, "a") + reason("end_turn") + over),
           "finished stop: a");
  check_eq(answer(start("msg_1") + block(0, R"({"type":"thinking","thinking":"","signature":""})")
                  + end_block(0) + start("msg_2") + text(0, "a") + reason("end_turn") + over),
           "finished stop: a");
}

TEST("the next message of a server that runs the tools itself goes on with the answer") {
  const auto decoder = codec_for(provider_kind::anthropic).make_decoder(job_kind::chat, true);
  decoder->head({200, {{"content-type", "text/event-stream"}}});
  // Nobody wants to see calls as they come: they can still be taken back.
  decoder->feed(start("msg_1") + text(0, "Let me see. ") + tool(1, "t1") + reason("tool_use") + start("msg_2")
                + text(0, "It rains.") + reason("end_turn") + over);
  part_sink text_only;
  auto status = decode_status::need_more;
  do
    status = decoder->next(text_only);
  while (status != decode_status::finished && status != decode_status::failed);
  check(status == decode_status::finished);
  check_eq(text_only.take().at(0).bytes, "Let me see. It rains.");
  check(decoder->info().tool_calls.empty());
  check_eq(decoder->info().finish, std::optional{finish_reason::stop});
}

TEST("an answer that begins a second time after a part of it went out has failed") {
  const std::string again = " | the answer began a second time after a part of it had been said";
  check_eq(
    answer(start("msg_1") + text(0, "Hel") + start("msg_2") + text(0, "Hello") + reason("end_turn") + over),
    "failed provider_error: Hel" + again);
  // This requester has seen the call.
  check_eq(answer(start("msg_1") + tool(0, "t1") + reason("tool_use") + start("msg_2") + text(0, "a")
                  + reason("end_turn") + over),
           "failed provider_error:  | t1 f {\"x\":1}" + again);
  // The same message announced twice is one.
  check_eq(answer(start("msg_1") + text(0, "a") + start("msg_1") + text(1, "b") + reason("end_turn") + over),
           "finished stop: ab");
}

TEST("a refusal says what it is about, and why") {
  const std::string details =
    R"(,"stop_details":{"type":"refusal","category":"cyber","explanation":"This is about an attack."})";
  const std::string expected =
    "failed content_filtered:  | the model refused to answer (cyber): This is about an attack.";
  check_eq(answer(start() + reason("refusal", details) + over), expected);
  check_eq(answer(R"({"type":"message","model":"m","content":[],"stop_reason":"refusal")" + details + "}",
                  "application/json"),
           expected);
  check_eq(
    answer(start() + reason("refusal", R"(,"stop_details":{"type":"refusal","category":null})") + over),
    "failed content_filtered:  | the model refused to answer");
}

} // SUITE("anthropic blocks")
