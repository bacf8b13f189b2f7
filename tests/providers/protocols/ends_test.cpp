// How answers end, and how they don't, in the spellings of all servers and in every split.

#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

std::string event(std::string_view json) {
  return "data: " + std::string{json} + "\n\n";
}

/// A chunk with the members of a choice.
std::string choice(std::string_view members, std::string_view more = "") {
  return event(R"({"model":"m","choices":[{"index":0,)" + std::string{members} + "}]" + std::string{more}
               + "}");
}

std::string text(std::string_view piece, std::string_view more = R"(,"finish_reason":null)") {
  return choice(R"("delta":{"content":")" + std::string{piece} + "\"}" + std::string{more});
}

const std::string stop = choice(R"("delta":{},"finish_reason":"stop")");
const std::string length = choice(R"("delta":{},"finish_reason":"length")");
const std::string done = "data: [DONE]\n\n";

std::string counts(std::string_view usage) {
  return event(R"({"choices":[],"usage":)" + std::string{usage} + "}");
}

std::string with_message(const test::outcome& result) {
  return result.summary() + (result.status == decode_status::failed ? " | " + result.error.message : "");
}

std::string streamed(std::string_view body, std::string_view kind = provider_kind::openai) {
  return with_message(
    decode({.kind = kind,
            .body = body,
            .content_type = kind == provider_kind::ollama ? "application/x-ndjson" : "text/event-stream"}));
}

std::string whole(std::string_view body, std::string_view kind = provider_kind::openai) {
  return with_message(
    decode({.kind = kind, .body = body, .content_type = "application/json", .stream = false}));
}

std::string message(std::string_view members) {
  return R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello"})"
         + std::string{members} + "}]}";
}

std::string gemini(std::string_view parts, std::string_view more = "", std::string_view usage = "") {
  return event(R"({"candidates":[{"content":{"role":"model","parts":[)" + std::string{parts} + "]}"
               + std::string{more} + R"(}],"modelVersion":"m")" + std::string{usage} + "}");
}

} // namespace

SUITE("ends") {

TEST("[DONE] proves nothing where chunks promised a reason and none came") {
  const std::string truncated =
    "failed stream_truncated: a | the response ended before the answer was complete";
  check_eq(streamed(text("a") + done), truncated);
  check_eq(streamed(text("a") + "data: [done]\n\n"), truncated);
  check_eq(streamed(text("a", R"(,"finish_reason":"null")") + done), truncated);
  // Also if only the first chunk had it.
  check_eq(streamed(choice(R"("delta":{"role":"assistant"},"finish_reason":null)") + text("a", "") + done),
           truncated);
  check_eq(streamed(text("a") + stop + done), "finished stop: a");
  // Servers that have no such member say it with [DONE] alone.
  check_eq(streamed(text("a", "") + text("b", "") + done), "finished -: ab");
  check_eq(streamed(text("a", "") + text("b", R"(,"finish_reason":"")") + done), "finished -: ab");
}

TEST("[DONE] is written in any case") {
  for (const auto* marker : {"[DONE]", "[done]", "[Done]"})
    check_eq(streamed(text("a", "") + "data: " + marker + "\n\n" + text("b", "")), "finished -: a");
}

TEST("nothing that follows the end makes a complete answer worse") {
  for (const auto* garbage : {"data: <html>\n\n", "data: {\"choices\":[\n\n", "data: 5\n\n",
                              "data: \"bye\"\n\n", "{\"choices\":\n\n", "data: {\"cost\":1}\n\n"}) {
    check_eq(streamed(text("a") + stop + garbage), "finished stop: a");
    check_eq(streamed(text("a") + stop + garbage + done), "finished stop: a");
  }
  check_eq(streamed(text("a") + "data: <html>\n\n" + stop),
           "failed provider_error: a | the response can't be decoded: an HTML page");
}

TEST("a whole response needs no reason, but one that is null has been cut by somebody") {
  check_eq(whole(message(R"(,"finish_reason":"")")), "finished -: hello");
  check_eq(whole(message("")), "finished -: hello");
  check_eq(whole(message(R"(,"finish_reason":null)")),
           "failed stream_truncated: hello | the response ended before the answer was complete");
  const auto claude = [](std::string_view reason) {
    return whole(R"({"type":"message","model":"m","content":[{"type":"text","text":"hello"}])"
                   + std::string{reason} + "}",
                 provider_kind::anthropic);
  };
  check_eq(claude(R"(,"stop_reason":"")"), "finished -: hello");
  check_eq(claude(R"(,"stop_reason":null)"),
           "failed stream_truncated: hello | the response ended before the answer was complete");
}

TEST("errors in a stream are told in the server's words, whatever they are wrapped in") {
  struct row {
    std::string_view bytes;
    std::string_view result;
  };
  static constexpr row rows[] = {
    // llama.cpp
    {"error: {\"code\":503,\"message\":\"no slot\",\"type\":\"unavailable_error\"}\n\n",
     "failed provider_unavailable: a | no slot"},
    {"error:{\"error\":{\"code\":503,\"message\":\"no slot\",\"type\":\"unavailable_error\"}}\n\n",
     "failed provider_unavailable: a | no slot"},
    {"error: the slot is gone\n\n", "failed provider_error: a | the slot is gone"},
    // Groq
    {"event: error\ndata: {\"message\":\"slow down\",\"type\":\"tokens\",\"status_code\":429}\n\n",
     "failed rate_limited: a | slow down"},
    {"event: error\ndata: {\"error\":{\"message\":\"over capacity\"},\"status_code\":503}\n\n",
     "failed provider_unavailable: a | over capacity"},
    {"data: {\"error\":{\"message\":\"over capacity\",\"status_code\":503}}\n\n",
     "failed provider_unavailable: a | over capacity"},
    {"event:error\ndata: it broke\n\n", "failed provider_error: a | it broke"},
    {"data: {\"message\":\"it broke\"}\nevent: error\n\n", "failed provider_error: a | it broke"},
    // OpenRouter's moderation is not about the key.
    {"data: {\"error\":{\"code\":403,\"message\":\"flagged\",\"metadata\":{\"reasons\":[\"violence\"],"
     "\"flagged_input\":\"...\"}}}\n\n",
     "failed content_filtered: a | flagged"},
  };
  for (const auto& row : rows)
    check_eq(streamed(text("a") + std::string{row.bytes}), row.result);
  // An event that is named so concerns no other one.
  check_eq(streamed("event: error\n\n" + text("a") + stop), "finished stop: a");
  check_eq(streamed("error:\n\n" + text("a") + stop), "finished stop: a");
  // Broken off itself it is no error of the server's.
  check_eq(streamed(text("a") + "error: {\"code\":503,\"mess"),
           "failed stream_truncated: a | the response ended before the answer was complete");
}

TEST("an empty answer is one if the model stopped and the provider has counted its tokens") {
  check_eq(streamed(stop + counts(R"({"prompt_tokens":5,"completion_tokens":1})") + done), "finished stop: ");
  check_eq(streamed(stop + counts(R"({"prompt_tokens":5,"completion_tokens":0})") + done), "finished stop: ");
  check_eq(
    whole(R"({"model":"m","choices":[{"message":{"role":"assistant","content":""},"finish_reason":"stop"}],)"
          R"("usage":{"prompt_tokens":5,"completion_tokens":1}})"),
    "finished stop: ");
  check_eq(
    streamed(R"({"model":"m","message":{"content":""},"done":true,"done_reason":"stop","eval_count":1})"
             "\n",
             provider_kind::ollama),
    "finished stop: ");
  // The server names the sequence that it met.
  check_eq(streamed(choice(R"("delta":{},"finish_reason":"stop","stop_reason":"END")") + done),
           "finished stop: ");
  const auto claude = [](std::string_view reason) {
    return whole(R"({"type":"message","model":"m","content":[],"stop_reason":")" + std::string{reason}
                   + "\"}",
                 provider_kind::anthropic);
  };
  check_eq(claude("stop_sequence"), "finished stop: ");
  // Without a word on either, and after thoughts that led to nothing, it is a fault.
  const std::string fault = "failed provider_error:  | the answer is empty";
  check_eq(claude("end_turn"), fault);
  check_eq(streamed(stop + done), fault);
  check_eq(
    streamed(
      stop
      + counts(
        R"({"prompt_tokens":5,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":9}})")
      + done),
    fault);
  check_eq(streamed(gemini("", R"(,"finishReason":"STOP")",
                           R"(,"usageMetadata":{"promptTokenCount":5,"thoughtsTokenCount":9})"),
                    provider_kind::gemini),
           fault);
}

TEST("a limit that leaves no text is a failure of its own, at every provider") {
  const std::string thought =
    "failed invalid_request:  | all tokens that the answer may have went into the model's "
    "thoughts, and none into text: it needs a higher max_tokens, or less reasoning_effort";
  const std::string short_of =
    "failed invalid_request:  | the limit of tokens was reached before the answer's first "
    "word: it needs a higher max_tokens";
  check_eq(streamed(choice(R"("delta":{"reasoning_content":"hm"})") + length + done), thought);
  check_eq(
    streamed(
      length
      + counts(
        R"({"prompt_tokens":5,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":9}})")
      + done),
    thought);
  check_eq(streamed(length + done), short_of);
  check_eq(streamed(gemini("", R"(,"finishReason":"MAX_TOKENS")",
                           R"(,"usageMetadata":{"promptTokenCount":5,"thoughtsTokenCount":9})"),
                    provider_kind::gemini),
           thought);
  check_eq(
    streamed(R"({"model":"m","message":{"content":"","thinking":"hm"},"done":true,"done_reason":"length"})"
             "\n",
             provider_kind::ollama),
    thought);
  check_eq(
    whole(
      R"({"type":"message","model":"m","content":[{"type":"thinking","thinking":"","signature":"s"}],)"
      R"("stop_reason":"max_tokens","usage":{"output_tokens":9,"output_tokens_details":{"thinking_tokens":9}}})",
      provider_kind::anthropic),
    thought);
  // A call that was cut is no answer, one that was not is.
  const auto call = [](std::string_view arguments) {
    return choice(R"("delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":")"
                  + std::string{arguments} + R"("}}]})");
  };
  check_eq(streamed(call("{\\\"x\\\":") + length), short_of);
  check_eq(streamed(call("{}") + length), "finished length: ");
  // Another model may get along with as many: the next provider is asked, and nobody's health suffers.
  const auto error = decode({.body = length}).error;
  check(error.unsupported);
  check_eq(error.should_retry, std::optional{false});
}

TEST("text that is told again is told once") {
  // Perplexity: each chunk has its piece, and all so far.
  const auto both = [](std::string_view piece, std::string_view so_far, std::string_view finish = "null") {
    return choice(R"("delta":{"role":"assistant","content":")" + std::string{piece}
                  + R"("},"message":{"role":"assistant","content":")" + std::string{so_far}
                  + R"("},"finish_reason":)" + std::string{finish});
  };
  check_eq(
    streamed(both("There", "There") + both(" are", "There are") + both("", "There are", "\"stop\"") + done),
    "finished stop: There are");
  check_eq(streamed(both("", "There") + both("", "There are") + both("", "There are", "\"stop\"")),
           "finished stop: There are");
  // The whole message at the end, beside the deltas or in one of them.
  check_eq(
    streamed(text("There") + text(" are")
             + choice(R"("message":{"role":"assistant","content":"There are"},"finish_reason":"stop")")),
    "finished stop: There are");
  check_eq(streamed(text("There") + text(" are") + text("There are", R"(,"finish_reason":"stop")") + done),
           "finished stop: There are");
  check_eq(streamed(text("There") + text(" are") + stop + text("There are") + done),
           "finished stop: There are");
  // What only looks like it stays.
  check_eq(streamed(text("ha") + text("ha", R"(,"finish_reason":"stop")")), "finished stop: haha");
  check_eq(streamed(text("There") + text(" are") + text("There are") + stop),
           "finished stop: There areThere are");
  check_eq(streamed(text("a") + text("b") + text("ac", R"(,"finish_reason":"stop")")), "finished stop: abac");
  // Servers that send `message` where others have `delta`.
  check_eq(streamed(choice(R"("message":{"content":"There"},"finish_reason":null)")
                    + choice(R"("message":{"content":" are"},"finish_reason":"stop")")),
           "finished stop: There are");
  // The other protocols.
  const std::string gemini_stop = R"(,"finishReason":"STOP")";
  check_eq(streamed(gemini(R"({"text":"There"})") + gemini(R"({"text":" are"})")
                      + gemini(R"({"text":"There are"})", gemini_stop),
                    provider_kind::gemini),
           "finished stop: There are");
  const auto line = [](std::string_view piece, std::string_view rest) {
    return R"({"model":"m","message":{"role":"assistant","content":")" + std::string{piece} + "\"},"
           + std::string{rest} + "}\n";
  };
  check_eq(streamed(line("There", R"("done":false)") + line(" are", R"("done":false)")
                      + line("There are", R"("done":true,"done_reason":"stop")"),
                    provider_kind::ollama),
           "finished stop: There are");
}

} // SUITE("ends")
