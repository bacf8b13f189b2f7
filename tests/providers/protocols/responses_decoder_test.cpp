// What comes back from servers that speak Responses, in every split.

#include <magna/tests/providers/protocols/decoding.hpp>

#include <chrono>

#include <nlohmann/json.hpp>

using namespace magna;
using magna::test::decode;
using magna::test::runnable;
using nlohmann::json;

namespace {

constexpr auto kind = provider_kind::openai_responses;

std::string event(std::string_view type, std::string_view members = "") {
  return "event: response." + std::string{type} + "\ndata: {\"type\":\"response." + std::string{type} + "\""
         + (members.empty() ? "" : ",") + std::string{members} + "}\n\n";
}

std::string text_delta(std::string_view json_string) {
  return event("output_text.delta", R"("item_id":"msg_1","output_index":0,"content_index":0,"delta":)"
                                      + std::string{json_string} + R"(,"logprobs":[],"obfuscation":"xx")");
}

std::string end(std::string_view status, std::string_view members = R"("output":[])") {
  return event(status, R"("response":{"object":"response","model":"m","status":")" + std::string{status}
                         + "\"," + std::string{members} + "}");
}

test::outcome stream_of(std::string_view body) {
  return decode({.kind = kind, .body = body});
}

test::outcome document_of(std::string_view body) {
  return decode({.kind = kind, .body = body, .content_type = "application/json", .stream = false});
}

std::string items_of(const test::outcome& x) {
  return test::outcome::items(x.info.items);
}

const std::string begin =
  event("created", R"("response":{"model":"m","status":"in_progress","output":[],"error":null})")
  + event("in_progress", R"("response":{"model":"m","status":"in_progress","output":[]})");

constexpr std::string_view usage_told =
  R"("usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":3},)"
  R"("output_tokens":9,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":21})";

} // namespace

SUITE("responses decoder") {

TEST("a stream of text ends with its last event, with or without [DONE]") {
  const auto answer =
    begin
    + event("output_item.added", R"("output_index":0,"item":{"id":"msg_1","type":"message","content":[]})")
    + event("content_part.added",
            R"("item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":""})")
    + text_delta(R"("caf\u00e9 ")") + text_delta(R"("\ud83c")") + text_delta(R"("\udf89")")
    + event("output_text.annotation.added", R"("item_id":"msg_1","annotation":{"type":"url_citation"})")
    + text_delta(R"("!")")
    + event("output_text.done", R"("item_id":"msg_1","output_index":0,"content_index":0,"text":"x")")
    + event(
      "output_item.done",
      R"("output_index":0,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"x"}]})")
    + end("completed",
          R"("output":[{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"x"}]}],)"
            + std::string{usage_told});
  for (const auto& tail : {"", "data: [DONE]\n\n"}) {
    const auto result = stream_of(answer + tail);
    check_eq(result.summary(), "finished stop: caf\xC3\xA9 \xF0\x9F\x8E\x89!");
    check_eq(result.tokens(), "12/9/2/4+3");
    check_eq(result.info.usage.cache_write_tokens.value_or(0), 3u);
    check_eq(result.info.model, "m");
    check(result.complete);
  }
}

TEST("a stream without its last event is broken off, whatever else it says") {
  check_eq(stream_of(begin + text_delta(R"("a")")).summary(), "failed stream_truncated: a");
  check_eq(stream_of(begin + text_delta(R"("a")") + "data: [DONE]\n\n").summary(),
           "failed stream_truncated: a");
  check_eq(
    stream_of(begin + text_delta(R"("a")")
              + event("output_item.done",
                      R"("output_index":0,"item":{"id":"msg_1","type":"message","status":"completed"})"))
      .summary(),
    "failed stream_truncated: a");
}

TEST("what comes whole only is as good as pieces") {
  const std::string message =
    R"({"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello."}]})";
  const auto done =
    event("output_text.done", R"("item_id":"msg_1","output_index":0,"content_index":0,"text":"Hello.")");
  const auto item = event("output_item.done", R"("output_index":0,"item":)" + message);
  const auto last = end("completed", R"("output":[)" + message + "]");
  for (const auto& body : {done + end("completed"), item + end("completed"), last, done + item + last,
                           text_delta(R"("Hello.")") + end("completed")})
    check_eq(stream_of(begin + body).summary(), "finished stop: Hello.");
  // The end may have other IDs than its parts had.
  check_eq(
    stream_of(
      begin + text_delta(R"("Hello.")")
      + end(
        "completed",
        R"("output":[{"id":"other","type":"message","content":[{"type":"output_text","text":"Hello."}]}])"))
      .summary(),
    "finished stop: Hello.");
}

TEST("calls at the same time are told apart by their items, and come in pieces") {
  const auto added = [](int at, const char* name) {
    const auto number = std::to_string(at);
    return event("output_item.added", R"("output_index":)" + number + R"(,"item":{"id":"fc_)" + number
                                        + R"(","type":"function_call","status":"in_progress","call_id":"c)"
                                        + number + R"(","name":")" + name + R"(","arguments":""})");
  };
  const auto piece = [](int at, const char* json_string) {
    const auto number = std::to_string(at);
    return event("function_call_arguments.delta", R"("item_id":"fc_)" + number + R"(","output_index":)"
                                                    + number + R"(,"delta":)" + json_string);
  };
  const auto result =
    stream_of(begin + added(0, "look_up") + added(1, "now") + piece(0, R"("{\"word\":")") + piece(1, R"("{")")
              + piece(0, R"("\"caf\u00e9\"}")") + piece(1, R"("}")")
              + event("function_call_arguments.done", R"("item_id":"fc_0","output_index":0,"arguments":"{}")")
              + end("completed"));
  check_eq(result.summary(), "finished tool_calls: ");
  check_eq(result.parts,
           R"(tool_call 0 c0 look_up ''; tool_call 1 c1 now ''; tool_call 0 '{"word":'; tool_call 1 '{'; )"
           "tool_call 0 '\"caf\xC3\xA9\"}'; tool_call 1 '}'");
  check_eq(result.calls(), "c0 look_up {\"word\":\"caf\xC3\xA9\"}; c1 now {}");
}

TEST("a call may come in any part of its events") {
  const std::string whole =
    R"({"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}","status":"completed"})";
  const auto added = event(
    "output_item.added",
    R"("output_index":0,"item":{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":""})");
  const auto delta =
    event("function_call_arguments.delta", R"("item_id":"fc_1","output_index":0,"delta":"{\"a\":1}")");
  const auto done =
    event("function_call_arguments.done", R"("item_id":"fc_1","output_index":0,"arguments":"{\"a\":1}")");
  const auto item = event("output_item.done", R"("output_index":0,"item":)" + whole);
  const auto last = end("completed", R"("output":[)" + whole + "]");
  for (const auto& body :
       {added + delta + end("completed"), added + done + end("completed"), item + end("completed"), last,
        delta + last, added + delta + done + item + last, added + last,
        event("output_item.added", R"("output_index":0,"item":)" + whole) + end("completed"),
        event("output_item.added", R"("output_index":0,"item":)" + whole) + delta + last})
    check_eq(stream_of(begin + body).calls(), "c f {\"a\":1}");
  // Arguments that are none are an empty object.
  check_eq(stream_of(begin + added + end("completed")).calls(), "c f {}");
}

TEST("IDs that change with each event, and positions that never do, mislead nobody") {
  const auto piece = [](const char* id, int at, const char* text) {
    return event("output_text.delta", R"("item_id":")" + std::string{id} + R"(","output_index":)"
                                        + std::to_string(at) + R"(,"content_index":0,"delta":")" + text
                                        + "\"");
  };
  check_eq(stream_of(begin + piece("a", 0, "x") + piece("b", 0, "y") + end("completed")).summary(),
           "finished stop: xy");
  const auto call = [](const char* id, const char* call_id) {
    return event("output_item.added", R"("output_index":0,"item":{"id":")" + std::string{id}
                                        + R"(","type":"function_call","call_id":")" + call_id
                                        + R"(","name":"f"})");
  };
  const auto argument = [](const char* id, const char* text) {
    return event("function_call_arguments.delta",
                 R"("output_index":0,"item_id":")" + std::string{id} + R"(","delta":")" + text + "\"");
  };
  check_eq(stream_of(begin + piece("m", 0, "x") + call("fc_1", "c1") + argument("fc_1", "{")
                     + call("fc_2", "c2") + argument("fc_2", "{}") + argument("fc_1", "}") + end("completed"))
             .calls(),
           "c1 f {}; c2 f {}");
}

TEST("thoughts stream, each part a paragraph, and their items stand before what they led to") {
  const auto summary = [](const char* item, int at, int index, const char* text) {
    return event("reasoning_summary_text.delta", R"("item_id":")" + std::string{item} + R"(","output_index":)"
                                                   + std::to_string(at) + R"(,"summary_index":)"
                                                   + std::to_string(index) + R"(,"delta":")" + text + "\"");
  };
  const auto done = [](int at, const std::string& item) {
    return event("output_item.done", R"("output_index":)" + std::to_string(at) + R"(,"item":)" + item);
  };
  const std::string first =
    R"({"encrypted_content":"gAAA","id":"rs_1","summary":[{"text":"One.","type":"summary_text"}],"type":"reasoning"})";
  const std::string second = R"({"encrypted_content":"gBBB","id":"rs_2","summary":[],"type":"reasoning"})";
  const std::string last = R"({"encrypted_content":"gCCC","id":"rs_3","summary":[],"type":"reasoning"})";
  const auto call = [](const char* id) {
    return R"({"id":"fc_)" + std::string{id} + R"(","type":"function_call","call_id":")" + id
           + R"(","name":"f","arguments":"{}"})";
  };
  const auto result = stream_of(
    begin
    + event(
      "output_item.added",
      R"("output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gZZZ"})")
    + summary("rs_1", 0, 0, "One") + summary("rs_1", 0, 0, ".") + summary("rs_1", 0, 1, "Two.")
    + event("reasoning_summary_text.done",
            R"("item_id":"rs_1","output_index":0,"summary_index":1,"text":"Two.")")
    + done(0, first)
    + done(1, R"({"id":"msg_1","type":"message","content":[{"type":"output_text","text":"a"}]})")
    + done(2, second) + done(3, call("c1")) + done(4, call("c2")) + done(5, last)
    + end("completed", "\"output\":[" + first + "]"));
  check_eq(result.parts, "reasoning 'One.\n\nTwo.'; text 'a'; tool_call 0 c1 f '{}'; tool_call 1 c2 f '{}'");
  check_eq(result.info.reasoning, "One.\n\nTwo.");
  check_eq(items_of(result), " reasoning=" + first);
  // The last thoughts led to nothing.
  check_eq(result.calls(), "c1 f {} reasoning=" + second + "; c2 f {}");
  check_eq(result.info.items.at(0).protocol, "openai-responses");
}

TEST("thoughts are kept as they come at the end, also where only the end encrypts them") {
  const auto answer = [](const char* item, const char* at_the_end) {
    return stream_of(
      begin + event("output_item.done", R"("output_index":0,"item":)" + std::string{item})
      + event(
        "output_item.done",
        R"("output_index":1,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"a"}]})")
      + end("completed", R"("output":[)" + std::string{at_the_end} + "]"));
  };
  const auto* empty = R"({"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":null})";
  const auto* full = R"({"encrypted_content":"gAAA","id":"rs_1","summary":[],"type":"reasoning"})";
  check_eq(items_of(answer(empty, full)), std::string{" reasoning="} + full);
  check_eq(items_of(answer(full, empty)), std::string{" reasoning="} + full);
  // Nothing to give back: neither encrypted nor in words.
  check_eq(items_of(answer(empty, empty)), "");
  const auto* words =
    R"({"content":[{"text":"hm","type":"reasoning_text"}],"id":"rs_1","summary":[],"type":"reasoning"})";
  const auto said = answer(words, words);
  check_eq(items_of(said), std::string{" reasoning="} + words);
  check_eq(said.parts, "reasoning 'hm'; text 'a'");
}

TEST("what a text was for goes back with it") {
  const auto result = document_of(
    R"({"object":"response","model":"m","status":"completed","output":[{"type":"message","id":"m1","phase":"final_answer",)"
    R"("content":[{"type":"output_text","text":"a"}]}]})");
  check_eq(items_of(result), " phase=final_answer");
}

TEST("whole answers: text, calls, thoughts, usage") {
  const auto result = document_of(
    R"({"id":"resp_1","object":"response","model":"m","status":"completed","error":null,"incomplete_details":null,)"
    R"("output":[{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"g"},)"
    R"({"id":"ws_1","type":"web_search_call","status":"completed"},)"
    R"({"id":"msg_1","type":"message","content":[{"type":"output_text","text":"caf\u00e9 ","annotations":[]},{"type":"output_text","text":"b"}]},)"
    R"({"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}],)"
    + std::string{usage_told} + "}");
  check_eq(result.summary(), "finished tool_calls: caf\xC3\xA9 b");
  check_eq(result.parts, "reasoning 'Hm.'; text 'caf\xC3\xA9 b'; tool_call 0 c1 f '{\"a\":1}'");
  check_eq(result.tokens(), "12/9/2/4+3");
  check(items_of(result).find("\"encrypted_content\":\"g\"") != std::string::npos);
  // Servers that name no status.
  check_eq(
    document_of(R"({"output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]})").summary(),
    "finished -: a");
}

TEST("reasoning that is counted apart is part of the answer's tokens") {
  check_eq(
    stream_of(begin + text_delta(R"("a")")
              + end("completed", R"("output":[],"usage":{"input_tokens":5,"output_tokens":3,)"
                                 R"("output_tokens_details":{"reasoning_tokens":40},"total_tokens":48})"))
      .tokens(),
    "5/43/40/-");
}

TEST("an incomplete answer says why") {
  const auto after = [](const char* details) {
    return stream_of(begin + text_delta(R"("a")")
                     + end("incomplete", R"("output":[],"incomplete_details":)" + std::string{details}));
  };
  check_eq(after(R"({"reason":"max_output_tokens"})").summary(), "finished length: a");
  check_eq(after("null").summary(), "finished length: a");
  check_eq(after(R"({"reason":"content_filter"})").summary(), "failed content_filtered: a");
  check_eq(after(R"({"reason":"steered"})").summary(), "finished other: a");
  check_eq(
    document_of(R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})")
      .summary(),
    "failed invalid_request: ");
  // A call that was cut is none.
  check_eq(
    stream_of(begin
              + event("output_item.added",
                      R"("output_index":0,"item":{"id":"f","type":"function_call","call_id":"c","name":"f"})")
              + event("function_call_arguments.delta", R"("item_id":"f","output_index":0,"delta":"{\"a\":")")
              + end("incomplete"))
      .calls(),
    "");
}

TEST("a refusal is an error with the model's words, streamed or whole") {
  const auto streamed = stream_of(
    begin + event("refusal.delta", R"("item_id":"m","output_index":0,"content_index":0,"delta":"I can't ")")
    + event("refusal.delta", R"("item_id":"m","output_index":0,"content_index":0,"delta":"help.")")
    + event("refusal.done", R"("item_id":"m","output_index":0,"content_index":0,"refusal":"I can't help.")")
    + end(
      "completed",
      R"("output":[{"id":"m","type":"message","content":[{"type":"refusal","refusal":"I can't help."}]}])"));
  check_eq(streamed.summary(), "failed content_filtered: ");
  check_eq(streamed.error.message, "the model refused: I can't help.");
  check_eq(
    document_of(
      R"({"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]})")
      .error.message,
    "the model refused: No.");
}

TEST("a failure in the stream is what its code says, and the answer's usage is told") {
  const auto failed = [](const char* error) {
    return stream_of(
      begin + text_delta(R"("a")")
      + end("failed", R"("output":[],"error":)" + std::string{error} + "," + std::string{usage_told}));
  };
  const auto limited =
    failed(R"({"code":"rate_limit_exceeded","message":"Rate limit reached. Please try again in 20s."})");
  check_eq(limited.summary(), "failed rate_limited: a");
  check_eq(limited.error.message, "Rate limit reached. Please try again in 20s.");
  check(limited.error.retry_after == std::chrono::milliseconds{20'000});
  check_eq(limited.tokens(), "12/9/2/4+3");
  check_eq(failed(R"({"code":"server_error","message":"Oh."})").summary(), "failed provider_unavailable: a");
  check_eq(failed(R"({"code":"invalid_prompt","message":"No."})").summary(), "failed content_filtered: a");
  check_eq(failed(R"({"code":"bio_policy","message":"No."})").summary(), "failed content_filtered: a");
  check_eq(failed(R"({"code":"context_length_exceeded","message":"Too long."})").summary(),
           "failed context_length_exceeded: a");
  check_eq(failed(R"({"code":"image_too_large","message":"Too large."})").summary(),
           "failed invalid_request: a");
  check_eq(failed("null").error.message, "the answer ended with status failed");
  check_eq(document_of(R"({"status":"failed","error":{"code":"server_error","message":"Oh."},"output":[]})")
             .summary(),
           "failed provider_unavailable: ");
  check_eq(document_of(R"({"status":"cancelled","error":null,"output":[]})").error.message,
           "the answer ended with status cancelled");
  // A document that was sent before the answer was there.
  check_eq(
    document_of(
      R"({"status":"in_progress","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]})")
      .summary(),
    "failed stream_truncated: a");
}

TEST("error events, nested and flat") {
  const auto after = [](const char* error) {
    return stream_of(begin + "event: error\ndata: " + std::string{error} + "\n\n").summary();
  };
  check_eq(
    after(
      R"({"type":"error","code":"rate_limit_exceeded","message":"Slow.","param":null,"sequence_number":3})"),
    "failed rate_limited: ");
  check_eq(
    after(
      R"({"type":"error","error":{"type":"invalid_request_error","code":null,"message":"Bad.","param":null}})"),
    "failed invalid_request: ");
  check_eq(
    after(
      R"({"type":"error","error":{"type":"too_many_requests","code":"too_many_requests","message":"Slow."}})"),
    "failed rate_limited: ");
}

TEST("a conversation with another model's thoughts is asked once more without them") {
  const auto fault = [](int status, const char* body) {
    return decode({.kind = kind,
                   .body = body,
                   .content_type = "application/json",
                   .status = status,
                   .stream = true})
      .error;
  };
  for (
    const auto* body :
    {R"({"error":{"message":"The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could not be decrypted or parsed.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}})",
     R"({"code":"invalid-argument","error":"Could not decrypt the provided encrypted_content. Ensure the value is the unmodified encrypted_content from a previous response."})",
     R"({"error":{"message":"Item 'rs_1' of type 'reasoning' was provided without its required following item.","type":"invalid_request_error","param":"input","code":null}})"}) {
    check_eq(fault(400, body).refused_parameter, "foreign reasoning");
    check(fault(400, body).refused_once);
  }
  const auto plain = fault(
    400,
    R"({"error":{"message":"Encrypted content is not supported with this model.","type":"invalid_request_error","param":"include","code":null}})");
  check_eq(plain.refused_parameter, "include");
  check(!plain.refused_once);
  check_eq(
    fault(
      400,
      R"({"error":{"message":"Unsupported value: 'none' is not supported with the 'gpt-6.1-sol' model.","type":"invalid_request_error","param":"reasoning.effort","code":"unsupported_value"}})")
      .refused_parameter,
    "effort");
  check_eq(
    fault(
      400,
      R"({"error":{"message":"Your organization must be verified to generate reasoning summaries.","type":"invalid_request_error","param":"reasoning.summary","code":"unsupported_value"}})")
      .refused_parameter,
    "summary");
}

TEST("what is no event of the answer is passed over") {
  const std::string odd =
    event("web_search_call.searching", R"("item_id":"ws_1","output_index":0)")
    + event("output_item.added", R"("output_index":5,"item":null)")
    + event("output_item.done", R"("output_index":6,"item":"text")")
    + event("output_text.delta", R"("delta":5)") + event("something.new", R"("x":[1])")
    + "data: {\"type\":\"keepalive\"}\n\n: comment\n\n"
    + event("output_item.done", R"("output_index":7,"item":{"type":"reasoning","summary":5})");
  check_eq(
    stream_of(begin + odd + text_delta(R"("a")") + end("completed", R"("output":[null,5,"x"])")).summary(),
    "finished stop: a");
}

TEST("100,000 pieces are linear") {
  const auto time_for = [](int pieces) {
    std::string body = begin;
    for (int i = 0; i < pieces; ++i)
      body += text_delta(R"("12345678")");
    body += end("completed");
    const auto decoder = codec_for(kind).make_decoder(job_kind::chat, true);
    decoder->head({200, {{"content-type", "text/event-stream"}}});
    const auto began = std::chrono::steady_clock::now();
    part_sink sink;
    std::size_t size = 0;
    for (std::size_t at = 0; at < body.size(); at += 16'384) {
      decoder->feed(std::string_view{body}.substr(at, 16'384));
      for (auto status = decoder->next(sink);
           status != decode_status::need_more && status != decode_status::finished;
           status = decoder->next(sink)) {}
      size += sink.size();
      sink.take();
    }
    runnable::current().check_eq(size, static_cast<std::size_t>(pieces) * 8);
    return std::chrono::steady_clock::now() - began;
  };
  time_for(1'000);
  // Four times would be as it should; quadratic were sixteen times.
  check_lt(time_for(100'000).count(), 10 * time_for(25'000).count());
}

} // SUITE("responses decoder")
