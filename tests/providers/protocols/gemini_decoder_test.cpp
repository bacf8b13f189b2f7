#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

/// One response object; `more` are further members of the candidate.
std::string event_of(std::string_view parts, std::string_view more = "", int candidates_tokens = 3) {
  return R"({"candidates": [{"content": {"parts": [)" + std::string{parts} + R"(],"role": "model"})"
         + std::string{more}
         + R"(,"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": )"
         + std::to_string(candidates_tokens)
         + R"(,"thoughtsTokenCount": 40,"cachedContentTokenCount": 5,"toolUsePromptTokenCount": 2,"totalTokenCount": 57,)"
           R"("promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},)"
           R"("modelVersion": "gemini-3.8-flash","responseId": "abc"})";
}

std::string event(std::string_view json) {
  return "data: " + std::string{json} + "\r\n\r\n";
}

std::string text(std::string_view json_string) {
  return R"({"text": )" + std::string{json_string} + "}";
}

const std::string stop = R"(,"finishReason": "STOP")";

test::outcome decode_stream(std::string_view body) {
  return decode({.kind = provider_kind::gemini, .body = body});
}

test::outcome decode_whole(std::string_view body, bool stream = false) {
  return decode(
    {.kind = provider_kind::gemini, .body = body, .content_type = "application/json", .stream = stream});
}

} // namespace

SUITE("gemini decoder") {

TEST("a stream of parts is an answer, and the last usage counts") {
  const auto body = event(event_of(text("\"a\""), "", 1))
                    + event(event_of(text("\"b\"") + "," + text("\"c\""), "", 2))
                    + event(event_of(text("\"d\""), stop, 3));
  const auto result = decode_stream(body);
  check_eq(result.summary(), "finished stop: abcd");
  check_eq(result.tokens(), "14/43/40/5");
  check_eq(result.info.model, "gemini-3.8-flash");
  check(result.complete);
  check_eq(
    decode_stream(event(event_of(text("\"a\""), "", 1)) + event(event_of(text("\"b\""), "", 2))).tokens(),
    "14/42/40/5?");
}

TEST("the finish chunk comes in many shapes") {
  const auto first = event(event_of(text("\"a\"")));
  for (
    const std::string last :
    {R"({"candidates":[{"content":{"role":"model"},"finishReason":"STOP","index":0}]})",
     R"({"candidates":[{"finishReason":"STOP"}]})",
     R"({"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"b64=="}]},"finishReason":"STOP"}]})",
     R"({"candidates":[{"content":{"parts":[]},"finishReason":"STOP"}],"usageMetadata":null})"})
    check_eq(decode_stream(first + event(last)).summary(), "finished stop: a");
  check_eq(decode_stream(first + event(R"({"candidates":[{"finishReason":"FINISH_REASON_UNSPECIFIED"}]})"))
             .summary(),
           "failed stream_truncated: a");
}

TEST("a stream without a finish reason is truncated, also before [DONE]") {
  check_eq(decode_stream(event(event_of(text("\"a\"")))).summary(), "failed stream_truncated: a");
  check_eq(decode_stream(event(event_of(text("\"a\""))) + "data: [DONE]\r\n\r\n").summary(),
           "failed stream_truncated: a");
  check_eq(decode_stream("").error.message, "the response ended before it began");
  check_eq(decode_stream(event(event_of(text("\"a\""), stop)) + "data: [DONE]\r\n\r\n").summary(),
           "finished stop: a");
}

TEST("thoughts are no text") {
  const auto thought = R"({"text": "hm","thought": true})";
  const auto body = event(event_of(thought)) + event(event_of(thought))
                    + event(event_of(R"({"text": "a","thought": false,"thoughtSignature": "b64=="})"))
                    + event(event_of(text("\"b\""), stop));
  const auto result = decode_stream(body);
  check_eq(result.summary(), "finished stop: ab");
  check_eq(result.parts, "reasoning 'hmhm'; text 'ab'");
}

TEST("half a character waits for its other half, also in the next part") {
  const std::string smile = "\xF0\x9F\x98\x80";
  const auto high = text("\"\\ud83d\"");
  const auto low = text("\"\\ude00\"");
  check_eq(decode_stream(event(event_of(high + "," + low, stop))).text, smile);
  check_eq(
    decode_stream(event(event_of(text("\"x\""))) + event(event_of(high)) + event(event_of(low, stop))).text,
    "x" + smile);
  check_eq(decode_stream(event(event_of(high, stop))).text, "\xEF\xBF\xBD");
}

TEST("the finish reason says how the answer is to be taken") {
  struct row {
    std::string_view reason;
    std::string_view summary;
  };
  static constexpr row rows[] = {
    {"STOP", "finished stop: a"},
    {"MAX_TOKENS", "finished length: a"},
    {"CONTINUATION", "finished length: a"},
    {"SAFETY", "failed content_filtered: a"},
    {"RECITATION", "failed content_filtered: a"},
    {"LANGUAGE", "failed content_filtered: a"},
    {"BLOCKLIST", "failed content_filtered: a"},
    {"PROHIBITED_CONTENT", "failed content_filtered: a"},
    {"SPII", "failed content_filtered: a"},
    {"IMAGE_SAFETY", "failed content_filtered: a"},
    {"IMAGE_PROHIBITED_CONTENT", "failed content_filtered: a"},
    {"IMAGE_RECITATION", "failed content_filtered: a"},
    {"IMAGE_OTHER", "failed content_filtered: a"},
    {"OTHER", "failed provider_error: a"},
    {"MALFORMED_FUNCTION_CALL", "failed provider_error: a"},
    {"UNEXPECTED_TOOL_CALL", "failed provider_error: a"},
    {"TOO_MANY_TOOL_CALLS", "failed provider_error: a"},
    {"NO_IMAGE", "failed provider_error: a"},
    {"MISSING_THOUGHT_SIGNATURE", "failed provider_error: a"},
    {"MALFORMED_RESPONSE", "failed provider_error: a"},
    {"PUP_LIMITED_DISABLED", "failed provider_error: a"},
    {"ESCALATION", "failed content_filtered: a"},
    {"MODEL_ARMOR", "failed content_filtered: a"},
    {"JAILBREAK", "failed content_filtered: a"},
    {"SOMETHING_NEW", "failed provider_error: a"},
  };
  for (const auto& row : rows) {
    const auto finish = R"(,"finishReason": ")" + std::string{row.reason} + R"(","finishMessage": "why")";
    check_eq(decode_stream(event(event_of(text("\"a\""), finish))).summary(), row.summary);
    check_eq(decode_whole(event_of(text("\"a\""), finish)).summary(), row.summary);
  }
  const auto blocked =
    decode_stream(event(R"({"candidates":[{"finishReason":"SAFETY","finishMessage":"why"}]})"));
  check_eq(blocked.error.message, "the answer ended with SAFETY: why");
  const auto unknown = decode_stream(event(event_of(text("\"a\""), R"(,"finishReason": "SOMETHING_NEW")")));
  check_eq(unknown.error.message, "the answer ended with SOMETHING_NEW");
}

TEST("a function call is an answer without text") {
  const auto call = R"({"functionCall": {"name": "f","args": {}},"thoughtSignature": "x"})";
  check_eq(
    decode_stream(event(event_of(call)) + event(R"({"candidates":[{"finishReason":"STOP"}]})")).summary(),
    "finished tool_calls: ");
}

TEST("a blocked prompt is content that was filtered, in every form of response") {
  static constexpr std::string_view body =
    R"({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "safetyRatings": []},)"
    R"("usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8}, "modelVersion": "gemini-3.8-flash"})";
  for (
    const auto& result :
    {decode_stream(event(body)), decode_whole(body), decode_whole("[" + std::string{body} + "]", true),
     decode_whole(
       R"([{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":8}}])",
       true)}) {
    check_eq(result.summary(), "failed content_filtered: ");
    check_eq(result.error.message, "the prompt was blocked: PROHIBITED_CONTENT");
    check_eq(result.tokens(), "8/-/-/-");
  }
}

TEST("an answer without text is an error, unless Gemini has counted tokens that are no thoughts") {
  check_eq(decode_stream(event(event_of("", stop))).summary(), "finished stop: ");
  check_eq(decode_stream(event(R"({"candidates":[{"finishReason":"STOP"}]})")).error.message,
           "the answer is empty");
  check_eq(decode_whole(R"({"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}]})").summary(),
           "failed provider_error: ");
  check_eq(decode_whole(R"({"candidates":[]})").summary(), "failed provider_error: ");
  check_eq(decode_stream(event(R"({"candidates":[{"finishReason":"MAX_TOKENS"}]})")).summary(),
           "failed invalid_request: ");
}

TEST("a list of responses, as it comes without alt=sse, is an answer") {
  const auto body = "[" + event_of(text("\"a\"")) + "\n,\r\n" + event_of(text("\"b\""), stop) + "]";
  check_eq(decode_whole(body, true).summary(), "finished stop: ab");
  check_eq(decode({.kind = provider_kind::gemini, .body = body, .content_type = ""}).summary(),
           "finished stop: ab");
  check_eq(decode_whole("[" + event_of(text("\"a\"")) + "]", true).summary(), "failed stream_truncated: a");
  check_eq(decode_whole("[]", true).summary(), "failed provider_error: ");
}

TEST("an error inside a stream is found with and without data:") {
  static constexpr std::string_view error =
    "{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"The model is overloaded.\",\n    \"status\": "
    "\"UNAVAILABLE\"\n  }\n}\n";
  const auto first = event(event_of(text("\"a\"")));
  for (const auto& body :
       {first + std::string{error},
        first
          + event(R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})"),
        first + "[" + std::string{error} + "]\r\n"}) {
    const auto result = decode_stream(body);
    check_eq(result.summary(), "failed provider_unavailable: a");
    check_eq(result.error.message, "The model is overloaded.");
    check_eq(result.tokens(), "14/43/40/5?");
  }
  check_eq(decode_stream(std::string{error}).summary(), "failed provider_unavailable: ");
}

TEST("a deeply nested document does not exhaust the stack") {
  const auto body = "[{\"candidates\":" + std::string(2'000'000, '[') + std::string(2'000'000, ']') + "}]";
  const auto result = test::decode_parts(
    {.kind = provider_kind::gemini, .body = "deep", .content_type = "application/json"}, {body});
  check_eq(result.summary(), "failed provider_error: ");
}

} // SUITE("gemini decoder")
