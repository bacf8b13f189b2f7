#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

std::string line(std::string_view message, std::string_view rest = R"("done":false)") {
  return R"({"model":"gemma4","created_at":"2026-11-22T10:00:00.1Z","message":{"role":"assistant",)"
         + std::string{message} + "}," + std::string{rest} + "}\n";
}

std::string text(std::string_view json_string) {
  return line(R"("content":)" + std::string{json_string});
}

const std::string counts = R"("total_duration":5,"prompt_eval_count":12,"eval_count":3)";
const std::string done = line(R"("content":"")", R"("done":true,"done_reason":"stop",)" + counts);

test::outcome decode_stream(std::string_view body) {
  return decode({.kind = provider_kind::ollama, .body = body, .content_type = "application/x-ndjson"});
}

} // namespace

SUITE("ollama decoder") {

TEST("a stream of lines is an answer") {
  const auto result = decode_stream(text("\"hel\"") + text("\"lo\"") + "\n" + done);
  check_eq(result.summary(), "finished stop: hello");
  check_eq(result.tokens(), "12/3/-/-");
  check_eq(result.info.model, "gemma4");
}

TEST("an empty line is a sign of life") {
  const auto decoder = codec_for(provider_kind::ollama).make_decoder(job_kind::chat, true);
  decoder->head({200, {{"content-type", "application/x-ndjson"}}});
  decoder->feed(text("\"a\""));
  part_sink found;
  check(decoder->next(found) == decode_status::tokens);
  check(decoder->next(found) == decode_status::need_more);
  decoder->feed("\r");
  check(decoder->next(found) == decode_status::need_more);
  decoder->feed("\n");
  check(decoder->next(found) == decode_status::activity);
  check(decoder->next(found) == decode_status::need_more);
  check_eq(found.take().at(0).bytes, "a");
}

TEST("the last line may lack its end") {
  check_eq(decode_stream(text("\"a\"") + done.substr(0, done.size() - 1)).summary(), "finished stop: a");
  check_eq(decode_stream(text("\"a\"") + done.substr(0, done.size() - 2)).summary(),
           "failed stream_truncated: a");
}

TEST("the end is a flag or a reason") {
  check_eq(decode_stream(text("\"a\"") + line(R"("content":"b")", R"("done":true)")).summary(),
           "finished stop: ab");
  check_eq(decode_stream(text("\"a\"") + line(R"("content":"b")", R"("done_reason":"stop")")).summary(),
           "finished stop: ab");
  check_eq(
    decode_stream(text("\"a\"") + line(R"("content":"")", R"("done":true,"done_reason":"length")")).summary(),
    "finished length: a");
  check_eq(decode_stream(line(R"("content":"")", R"("done":true,"done_reason":"length")")).summary(),
           "failed invalid_request: ");
  check_eq(decode_stream(done).summary(), "finished stop: ");
  check_eq(decode_stream(line(R"("content":"")", R"("done":true,"done_reason":"load")")).error.message,
           "the answer is empty");
  check_eq(decode_stream(text("\"a\"") + done + "{\"error\":\"late\"}\n").summary(), "finished stop: a");
}

TEST("the end of the data without one is a truncated stream") {
  check_eq(decode_stream(text("\"a\"")).summary(), "failed stream_truncated: a");
  check_eq(decode_stream("").summary(), "failed stream_truncated: ");
}

TEST("thinking is no text") {
  const auto thinking = line(R"("content":"","thinking":"hm")");
  const auto result = decode_stream(thinking + thinking + text("\"a\"") + done);
  check_eq(result.summary(), "finished stop: a");
  check_eq(result.parts, "reasoning 'hmhm'; text 'a'");
}

TEST("tool calls are an answer") {
  check_eq(decode_stream(text("\"\"")
                         + line(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}])")
                         + done)
             .summary(),
           "finished tool_calls: ");
}

TEST("an error line is the runner's unless it says otherwise") {
  struct row {
    std::string_view line;
    std::string_view summary;
  };
  static constexpr row rows[] = {
    {"{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n",
     "failed provider_unavailable: a"},
    {"{\"error\":\"timed out waiting for llama-server to start - \"}\n", "failed timeout: a"},
    {"{\"error\":\"the prompt is longer than the context length currently available to the model; x\"}\n",
     "failed context_length_exceeded: a"},
    {"{\"error\":\"{\\\"error\\\":{\\\"code\\\":400,\\\"message\\\":\\\"request (9 tokens) exceeds the "
     "available context size (8 tokens), try increasing "
     "it\\\",\\\"type\\\":\\\"exceed_context_size_error\\\"}}\"}\n",
     "failed context_length_exceeded: a"},
    {"{\"error\":\"x\"}", "failed provider_unavailable: a"},
    {"not json\n", "failed provider_error: a"},
  };
  for (const auto& row : rows)
    check_eq(decode_stream(text("\"a\"") + std::string{row.line}).summary(), row.summary);
}

TEST("a whole answer is decoded") {
  for (const bool stream : {true, false}) {
    const auto body =
      line(R"("content":"hello","thinking":"hm")", R"("done":true,"done_reason":"stop",)" + counts);
    const auto result = decode({.kind = provider_kind::ollama,
                                .body = body,
                                .content_type = "application/json; charset=utf-8",
                                .stream = stream});
    check_eq(result.summary(), "finished stop: hello");
    check_eq(result.tokens(), "12/3/-/-");
  }
  const auto half = text("\"a\"");
  check_eq(
    decode({.kind = provider_kind::ollama, .body = half, .content_type = "application/json", .stream = false})
      .summary(),
    "failed stream_truncated: a");
}

TEST("a stream of lines is recognized whatever it is called") {
  for (const auto* type : {"", "text/plain", "application/json"})
    check_eq(decode({.kind = provider_kind::ollama,
                     .body = text("\"hel\"") + text("\"lo\"") + done,
                     .content_type = type})
               .summary(),
             "finished stop: hello");
}

TEST("halves of characters and bytes that are not UTF-8 don't get out") {
  check_eq(decode_stream(text("\"x\"") + text("\"\\ud83d\"") + text("\"\\ude00\"") + done).text,
           "x\xF0\x9F\x98\x80");
  check_eq(decode_stream(text("\"x\"") + text("\"\xF0\x9F\"") + done).text, "x\xEF\xBF\xBD");
}

TEST("a page instead of an answer is an error") {
  const auto result = decode({.kind = provider_kind::ollama,
                              .body = "<html><title>Proxy</title></html>",
                              .content_type = "text/html"});
  check_eq(result.summary(), "failed provider_error: ");
  check_eq(result.error.message, "the response is an HTML page: Proxy");
}

} // SUITE("ollama decoder")
