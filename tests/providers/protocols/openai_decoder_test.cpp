#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;
using magna::test::response;

namespace {

std::string event(std::string_view json) {
  return "data: " + std::string{json} + "\n\n";
}

/// A chunk with the members of a choice, for instance `"delta":{"content":"a"}`.
std::string choice(std::string_view members, std::string_view more = "") {
  return event(
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-6-luna-1","choices":[{"index":0,)"
    + std::string{members} + "}]" + std::string{more} + "}");
}

std::string delta(std::string_view json_string) {
  return choice(R"("delta":{"content":)" + std::string{json_string} + R"(},"finish_reason":null)",
                R"(,"usage":null)");
}

const std::string opening =
  choice(R"("delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null)",
         R"(,"usage":null,"obfuscation":"xx")");
const std::string stop = choice(R"("delta":{},"finish_reason":"stop")", R"(,"usage":null)");
const std::string counts = event(
  R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":43,"total_tokens":55,)"
  R"("prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":40}}})");
const std::string done = "data: [DONE]\n\n";

test::outcome decode_stream(std::string_view body) {
  return decode({.body = body});
}

} // namespace

SUITE("openai decoder") {

TEST("a stream of deltas is an answer") {
  const auto result =
    decode_stream(opening + delta("\"hel\"") + delta("\"lo \\\"\\n\\u00e4\"") + stop + counts + done);
  check_eq(result.summary(), "finished stop: hello \"\n\xC3\xA4");
  check_eq(result.info.model, "gpt-6-luna-1");
  check_eq(result.tokens(), "12/43/40/4");
  check(result.complete);
}

TEST("either proof of completion is enough") {
  const auto silent = choice(R"("delta":{"content":"a"})");
  check_eq(decode_stream(silent + done).summary(), "finished -: a");
  check_eq(decode_stream(silent + "data: [DONE]").summary(), "finished -: a");
  check_eq(decode_stream(delta("\"a\"") + stop).summary(), "finished stop: a");
  check_eq(
    decode_stream(opening + delta("\"a\"") + choice(R"("delta":{"content":"b"},"finish_reason":"stop")"))
      .summary(),
    "finished stop: ab");
}

TEST("a stream without proof is truncated, wherever it ends") {
  const auto whole = opening + delta("\"a\"") + delta("\"b\"");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto result = test::decode_parts({.body = whole}, {std::string_view{whole}.substr(0, size)});
    check(result.status == decode_status::failed);
    check(result.error.code == errc::stream_truncated);
    check(!result.complete);
  }
}

TEST("what follows the finish reason is still read, and nothing after [DONE]") {
  check_eq(decode_stream(opening + delta("\"a\"") + stop + counts).tokens(), "12/43/40/4");
  check_eq(
    decode_stream(opening + delta("\"a\"") + stop + done + event(R"({"error":{"message":"x"}})")).summary(),
    "finished stop: a");
  check_eq(decode_stream(opening + delta("\"a\"") + stop + event(R"({"error":{"message":"x"}})")).summary(),
           "failed provider_error: a");
}

TEST("chunks that lack what is usual are signs of life") {
  const auto odd =
    event(R"({"choices":[],"prompt_filter_results":[]})") + event(R"({"choices":[{"index":0}]})")
    + event(R"({"choices":[{"index":0,"content_filter_offsets":{}}]})")
    + event(R"({"choices":[{"index":0,"delta":null,"finish_reason":null}]})")
    + event(R"({"choices":[{"index":0,"delta":{"content":null}}],"usage":null})")
    + event(R"({"moderation":{}})") + ": OPENROUTER PROCESSING\n\n" + "data:\n\n" + "data: null\n\n"
    + event(R"({"choices":[{"index":0,"delta":{"content":"x","tool_calls":null,"new":[1]}}],"error":null})");
  check_eq(decode_stream(odd + opening + odd + delta("\"a\"") + stop + done).summary(), "finished stop: xxa");
}

TEST("half a character waits for its other half") {
  const auto result = [](std::initializer_list<std::string_view> deltas, std::string_view end = stop + done) {
    auto body = opening;
    for (const auto x : deltas)
      body += delta(x);
    return decode_stream(body + std::string{end}).text;
  };
  const std::string smile = "\xF0\x9F\x98\x80";
  const std::string bad = "\xEF\xBF\xBD";
  check_eq(result({"\"a\\ud83d\"", "\"\\ude00b\""}), "a" + smile + "b");
  check_eq(result({"\"a\\uD83D\"", "\"\"", "null", "\"\\uDE00\""}), "a" + smile);
  check_eq(result({"\"a\\ud83d\"", "\"b\""}), "a" + bad + "b");
  check_eq(result({"\"a\\ud83d\"", "\"\\ud83d\"", "\"\\ude00\""}), "a" + bad + smile);
  check_eq(result({"\"\\ude00a\""}), bad + "a");
  check_eq(result({"\"a\\ud83d\""}), "a" + bad);
  check_eq(result({"\"a\\ud83d\""}, done), "a" + bad);
  check_eq(result({"\"a\\ud83d\""}, ""), "a" + bad);
  check_eq(result({"\"\\ud83d\\ude00\""}), smile);
  check_eq(result({"\"\\\\ud83d\""}), "\\ud83d");
  check_eq(result({"\"" + smile + "\""}), smile);
}

TEST("bytes that are not UTF-8 are replaced") {
  check_eq(decode_stream(opening + delta("\"a\xFFz\"") + delta("\"b\"") + stop + done).summary(),
           "finished stop: a\xEF\xBF\xBDzb");
  check_eq(decode_stream(delta("\"a\xC3\"") + stop + done).summary(), "finished stop: a\xEF\xBF\xBD");
}

TEST("reasoning is no text") {
  const auto result =
    decode_stream(opening + choice(R"("delta":{"reasoning_content":"hm"},"finish_reason":null)")
                  + choice(R"("delta":{"reasoning":"hm","content":null})") + delta("\"a\"") + stop + done);
  check_eq(result.summary(), "finished stop: a");
  check_eq(result.parts, "reasoning 'hmhm'; text 'a'");
  const auto parts = decode_stream(
    choice(R"("delta":{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":"a"}]})") + stop
    + done);
  check_eq(parts.summary(), "finished stop: a");
}

TEST("the finish reason says how the answer is to be taken") {
  const auto with = [](std::string_view reason) {
    return decode_stream(opening + delta("\"a\"")
                         + choice(R"("delta":{},"finish_reason":")" + std::string{reason} + "\"") + counts
                         + done);
  };
  check_eq(with("length").summary(), "finished length: a");
  check_eq(with("tool_calls").summary(), "finished tool_calls: a");
  check_eq(with("function_call").summary(), "finished tool_calls: a");
  check_eq(with("something new").summary(), "finished other: a");
  check_eq(with("content_filter").summary(), "failed content_filtered: a");
  check_eq(with("content_filter").tokens(), "12/43/40/4");
  check_eq(with("error").summary(), "failed provider_error: a");
}

TEST("a refusal is no answer") {
  const auto result = decode_stream(opening + choice(R"("delta":{"refusal":"I can"})")
                                    + choice(R"("delta":{"refusal":"not"})") + stop + counts + done);
  check_eq(result.summary(), "failed content_filtered: ");
  check_eq(result.error.message, "the model refused: I cannot");
  check_eq(result.tokens(), "12/43/40/4");
  const auto unary = decode({.body = R"({"choices":[{"index":0,"message":{"role":"assistant","content":null,)"
                                     R"("refusal":"no"},"finish_reason":"stop"}]})",
                             .content_type = "application/json",
                             .stream = false});
  check_eq(unary.summary(), "failed content_filtered: ");
}

TEST("an empty answer is an error unless a tool is called or the tokens are told") {
  check_eq(decode_stream(opening + stop + done).summary(), "failed provider_error: ");
  check_eq(decode_stream(opening + stop + done).error.message, "the answer is empty");
  check_eq(decode_stream(done).summary(), "failed provider_error: ");
  check_eq(decode_stream(opening + stop + counts + done).summary(), "finished stop: ");
  check_eq(decode_stream(opening
                         + choice(R"("delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"f"}}]})")
                         + stop + done)
             .summary(),
           "finished tool_calls: ");
}

TEST("errors inside a stream are found in every form") {
  struct row {
    std::string_view bytes;
    std::string_view summary;
    std::string_view message;
  };
  static constexpr row rows[] = {
    {"data: {\"error\":{\"message\":\"m\",\"code\":\"server_is_overloaded\"}}\n\n",
     "failed provider_unavailable: a", "m"},
    {"event: error\ndata: {\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}\n\n",
     "failed provider_unavailable: a", "m"},
    {"data: {\"object\":\"error\",\"message\":\"m\",\"code\":503}\n\n", "failed provider_unavailable: a",
     "m"},
    {"data: {\"type\":\"error\",\"error\":{\"message\":\"m\",\"code\":\"rate_limit_exceeded\"}}\n\n",
     "failed rate_limited: a", "m"},
    {"data: {\"type\":\"error\",\"message\":\"m\"}\n\n", "failed provider_error: a", "m"},
    {"data: {\"error\":\"m\"}\n\n", "failed provider_error: a", "m"},
    {"data: [{\"error\":{\"message\":\"m\",\"code\":429}}]\n\n", "failed rate_limited: a", "m"},
    {"{\n  \"error\": {\n    \"message\": \"m\",\n    \"code\": 500\n  }\n}\n",
     "failed provider_unavailable: a", "m"},
    {"{\"error\":{\"message\":\"m\",\"code\":\"401\"}}", "failed authentication_failed: a", "m"},
    {"data: {\"error\":{\"message\":\"This model's maximum context length is 8 tokens\"}}\n\n",
     "failed context_length_exceeded: a", "This model's maximum context length is 8 tokens"},
    {"data: {broken\n\n", "failed provider_error: a", "the response can't be decoded: {broken"},
    {"data: 7\n\n", "failed provider_error: a",
     "the response can't be decoded: it is neither an object nor a list"},
    {"data: {\"error\":{\"message\":\"\\ud83d\"}}\n\n", "failed provider_error: a", "\xEF\xBF\xBD"},
    {"data: "
     "{\"choices\":[{\"index\":0,\"error\":{\"message\":\"m\",\"code\":502},\"finish_reason\":\"error\"}]}"
     "\n\n",
     "failed provider_unavailable: a", "m"},
  };
  for (const auto& row : rows) {
    const auto result = decode_stream(opening + delta("\"a\"") + std::string{row.bytes});
    check_eq(result.summary(), row.summary);
    check_eq(result.error.message, row.message);
    check_eq(result.error.http_status, 200);
  }
}

TEST("a whole answer is decoded however it was asked for") {
  static constexpr std::string_view body =
    R"({"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",)"
    R"("content":"hello","refusal":null},"finish_reason":"stop","logprobs":null}],)"
    R"("usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":55,"completion_tokens_details":{"reasoning_tokens":40}}})";
  for (const bool stream : {true, false})
    for (const auto* type :
         {"application/json", "application/json; charset=utf-8", "", "text/event-stream"}) {
      const auto result = decode({.body = body, .content_type = type, .stream = stream});
      check_eq(result.summary(), "finished stop: hello");
      // This server counts the reasoning apart.
      check_eq(result.tokens(), "12/43/40/-");
    }
}

TEST("a whole answer is the same whether it is of the usual kind or has more to it") {
  const auto answer = [](std::string_view text, std::string_view message_end, std::string_view usage) {
    return R"({"id":"c","model":"gpt-6-luna-1","choices":[{"index":0,"message":{"role":"assistant","content":)"
           + std::string{text} + R"(,"refusal":null,"annotations":[])" + std::string{message_end}
           + R"(},"logprobs":null,"finish_reason":"stop"}],"usage":)" + std::string{usage} + "}";
  };
  const auto whole = [](std::string_view body) {
    return decode({.body = body, .content_type = "application/json", .stream = false});
  };
  for (const auto* text :
       {R"("plain")", R"("a \"b\"\n\u00e4 \ud83d\ude00")", R"("\ud83d alone")", R"("  ")"}) {
    for (
      const auto* usage :
      {"null", "{}", R"({"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})",
       R"({"prompt_tokens":9,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},)"
       R"("completion_tokens_details":{"reasoning_tokens":0}})",
       R"({"prompt_tokens":9,"completion_tokens":7,"total_tokens":21,"completion_tokens_details":{"reasoning_tokens":5}})",
       R"({"prompt_tokens":-1,"completion_tokens":2.5})", R"({"prompt_tokens":null})"}) {
      const auto usual = whole(answer(text, "", usage));
      // A member that nobody knows takes the closer look.
      const auto unusual = whole(answer(text, R"(,"audio":{"id":"x"})", usage));
      check_eq(usual.summary(), unusual.summary());
      check_eq(usual.tokens(), unusual.tokens());
      check_eq(usual.info.model, unusual.info.model);
      check_eq(usual.complete, unusual.complete);
    }
  }
  check_eq(whole(answer(R"("plain")", "", "null")).summary(), "finished stop: plain");
  // Nothing that is broken off is an answer, nor what has something behind it.
  const auto good = answer(R"("plain")", "", R"({"prompt_tokens":1,"completion_tokens":2})");
  for (std::size_t size = 1; size < good.size(); ++size)
    check(whole(good.substr(0, size)).status == decode_status::failed);
  check(whole(good + good).status == decode_status::failed);
  check(whole(good + "}").status == decode_status::failed);
}

TEST("a whole document proves nothing while its finish reason is null") {
  const auto document = [](std::string_view reason) {
    return R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hel"})"
           + std::string{reason} + "}]}";
  };
  for (const bool stream : {true, false}) {
    const auto with = [&](std::string_view reason) {
      return decode({.body = document(reason), .content_type = "application/json", .stream = stream})
        .summary();
    };
    check_eq(with(R"(,"finish_reason":null)"), "failed stream_truncated: hel");
    check_eq(with(R"(,"finish_reason":"stop")"), "finished stop: hel");
    // Some servers don't know the field; their document is whole all the same.
    check_eq(with(""), "finished -: hel");
  }
}

TEST("a stream that nobody labelled is recognized") {
  for (const auto* type : {"", "application/octet-stream", "application/json"}) {
    const auto body = opening + delta("\"a\"") + stop + done;
    check_eq(decode({.body = body, .content_type = type}).summary(), "finished stop: a");
  }
}

TEST("what is no answer is an error that says what came") {
  struct row {
    std::string_view body;
    std::string_view type;
    bool stream;
    std::string_view message;
  };
  static constexpr row rows[] = {
    {"<!DOCTYPE html><html><head><title>Sign in</title></head></html>", "text/html", true,
     "the response is an HTML page: Sign in"},
    {"\n<html><body>hi</body></html>", "text/event-stream", true, "the response is an HTML page"},
    {"<html></html>", "application/json", false, "the response is an HTML page"},
    {"hello", "text/plain", false, "the response can't be decoded: hello"},
    {"{\"choices\":[", "application/json", false, "the response can't be decoded: {\"choices\":["},
    {"", "application/json", false, "the response is empty"},
    {"{}", "application/json", false, "the response is JSON, but no answer"},
    {"{\"choices\":[]}", "application/json", false, "the answer is empty"},
  };
  for (const auto& row : rows) {
    const auto result = decode({.body = row.body, .content_type = row.type, .stream = row.stream});
    check_eq(result.summary(), "failed provider_error: ");
    check_eq(result.error.message, row.message);
  }
}

TEST("an answer of ten million characters on one line is decoded at once and in small pieces") {
  const std::string text(10'000'000, 'x');
  const auto body = opening + delta("\"" + text + "\"") + stop + done;
  for (const std::size_t size : {body.size(), std::size_t{16} << 10}) {
    test::pieces parts;
    for (std::size_t at = 0; at < body.size(); at += size)
      parts.push_back(std::string_view{body}.substr(at, size));
    const auto result = test::decode_parts({.body = "ten million"}, parts);
    check(result.status == decode_status::finished);
    check(result.text == text);
  }
}

TEST("an event over 32 MiB is an error") {
  const std::string piece(std::size_t{1} << 20, 'x');
  test::pieces parts{"data: \""};
  parts.insert(parts.end(), 40, piece);
  const auto result = test::decode_parts({.body = "long"}, parts);
  check_eq(result.summary(), "failed provider_error: ");
  check_eq(result.error.message, "an event of the response is longer than 32 MiB");
  parts.front() = "{\"choices\": \"";
  const auto whole = test::decode_parts({.body = "long", .content_type = "application/json"}, parts);
  check_eq(whole.error.message, "the response is longer than 32 MiB");
}

} // SUITE("openai decoder")
