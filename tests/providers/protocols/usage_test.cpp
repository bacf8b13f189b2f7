// What was used, wherever servers tell it, in every split. "prompt/completion/reasoning/cached+written", "?" for counts
// that are not the last word.

#include <magna/tests/providers/protocols/decoding.hpp>

using namespace magna;
using magna::test::decode;

namespace {

std::string event(std::string_view json) {
  return "data: " + std::string{json} + "\n\n";
}

const std::string opening =
  event(R"({"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})");
const std::string stop = event(R"({"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");

/// Of an answer with this `usage`, whole and streamed, which must be the same.
std::string counted(std::string_view usage) {
  auto& checks = test::runnable::current();
  const auto streamed =
    decode({.body = opening + stop + event(R"({"choices":[],"usage":)" + std::string{usage} + "}")});
  const auto body = R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},)"
                    R"("finish_reason":"stop"}],"usage":)"
                    + std::string{usage} + "}";
  const auto whole = decode({.body = body, .content_type = "application/json", .stream = false});
  checks.check_eq(streamed.summary(), "finished stop: a");
  checks.check_eq(whole.summary(), "finished stop: a");
  checks.check_eq(whole.tokens(), streamed.tokens());
  return streamed.tokens();
}

std::string streamed(std::string_view body, std::string_view kind = provider_kind::openai) {
  return decode(
           {.kind = kind,
            .body = body,
            .content_type = kind == provider_kind::ollama ? "application/x-ndjson" : "text/event-stream"})
    .tokens();
}

std::string anthropic(std::string_view type, std::string_view members) {
  return event(R"({"type":")" + std::string{type} + "\"" + std::string{members} + "}");
}

std::string claude_start(std::string_view usage) {
  return anthropic("message_start", R"(,"message":{"model":"m","usage":)" + std::string{usage} + "}")
         + anthropic("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"a"})");
}

std::string claude_end(std::string_view usage) {
  return anthropic("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":)" + std::string{usage})
         + anthropic("message_stop", "");
}

std::string gemini(std::string_view usage, std::string_view finish = "") {
  return event(R"({"candidates":[{"content":{"parts":[{"text":"a"}]})" + std::string{finish}
               + R"(}],"modelVersion":"m","usageMetadata":)" + std::string{usage} + "}");
}

} // namespace

SUITE("usage") {

TEST("every server's places are known") {
  // OpenAI
  check_eq(counted(R"({"prompt_tokens":12,"completion_tokens":43,"total_tokens":55,)"
                   R"("prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":3,"audio_tokens":0},)"
                   R"("completion_tokens_details":{"reasoning_tokens":40}})"),
           "12/43/40/4+3");
  // Moonshot, Qwen
  check_eq(counted(R"({"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"cached_tokens":4})"),
           "12/3/-/4");
  // DeepSeek
  check_eq(
    counted(
      R"({"prompt_tokens":12,"completion_tokens":3,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":8})"),
    "12/3/-/4");
  check_eq(counted(R"({"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":0},)"
                   R"("prompt_cache_hit_tokens":4})"),
           "12/3/-/4");
  // Perplexity
  check_eq(counted(R"({"prompt_tokens":12,"completion_tokens":9,"total_tokens":21,"reasoning_tokens":6,)"
                   R"("citation_tokens":3,"cost":{"total_cost":0.1}})"),
           "12/9/6/-");
  // Gateways before Anthropic
  check_eq(
    counted(
      R"({"prompt_tokens":12,"completion_tokens":3,"cache_creation_input_tokens":5,"cache_read_input_tokens":4})"),
    "12/3/-/4+5");
  // xAI counts the thoughts apart, as the total shows.
  check_eq(counted(R"({"prompt_tokens":12,"completion_tokens":3,"total_tokens":55,)"
                   R"("completion_tokens_details":{"reasoning_tokens":40}})"),
           "12/43/40/-");
  // Servers with the names of OpenAI's other protocol
  check_eq(
    counted(
      R"({"input_tokens":12,"output_tokens":9,"total_tokens":21,"input_tokens_details":{"cached_tokens":4},)"
      R"("output_tokens_details":{"reasoning_tokens":6}})"),
    "12/9/6/4");
}

TEST("a count may be written as a number with a fraction of zero, or as a text") {
  check_eq(counted(R"({"prompt_tokens":12.0,"completion_tokens":3.0,"total_tokens":15.0})"), "12/3/-/-");
  check_eq(counted(R"({"prompt_tokens":"12","completion_tokens":"3"})"), "12/3/-/-");
  check_eq(
    counted(
      R"({"prompt_tokens":1.5,"completion_tokens":"three","cached_tokens":-1,"reasoning_tokens":"-1"})"),
    "-/-/-/-");
  check_eq(counted(R"({"prompt_tokens":1e300,"completion_tokens":null})"), "-/-/-/-");
  check_eq(
    streamed(gemini(R"({"promptTokenCount":12.0,"candidatesTokenCount":"3"})", R"(,"finishReason":"STOP")"),
             provider_kind::gemini),
    "12/3/-/-");
}

TEST("what is not told is absent, and not zero") {
  check_eq(streamed(opening + stop), "-/-/-/-");
  check_eq(counted("{}"), "-/-/-/-");
  check_eq(streamed(R"({"model":"m","message":{"content":"a"},"done":true,"done_reason":"stop"})"
                    "\n",
                    provider_kind::ollama),
           "-/-/-/-");
  check_eq(
    streamed(R"({"model":"m","message":{"content":"a"},"done":true,"done_reason":"stop","eval_count":3})"
             "\n",
             provider_kind::ollama),
    "-/3/-/-");
}

TEST("usage may stand in the choice, in Groq's own member, or be llama.cpp's timings") {
  check_eq(streamed(opening
                    + event(R"({"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop",)"
                            R"("usage":{"prompt_tokens":12,"completion_tokens":3,"cached_tokens":4}}]})")
                    + "data: [DONE]\n\n"),
           "12/3/-/4");
  check_eq(
    streamed(
      opening
      + event(R"({"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],)"
              R"("x_groq":{"id":"r","usage":{"prompt_tokens":12,"completion_tokens":3,"queue_time":0.1}}})")),
    "12/3/-/-");
  const auto timed = opening
                     + event(R"({"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],)"
                             R"("timings":{"cache_n":4,"prompt_n":8,"predicted_n":3,"predicted_ms":1.5}})");
  check_eq(streamed(timed), "12/3/-/4");
  check_eq(streamed(timed + event(R"({"choices":[],"usage":{"prompt_tokens":13,"completion_tokens":2}})")),
           "13/2/-/4");
}

TEST("later counts stand above earlier ones, and zeros do not") {
  const auto with = [](std::string_view usage) {
    return event(R"({"model":"m","choices":[],"usage":)" + std::string{usage} + "}");
  };
  check_eq(streamed(opening + with(R"({"prompt_tokens":12,"completion_tokens":1,"total_tokens":13})")
                    + with(R"({"prompt_tokens":12,"completion_tokens":3,"total_tokens":15})") + stop
                    + with(R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})")),
           "12/3/-/-");
  // Reasoning that is counted apart is added once, however often it is told.
  const auto apart = with(R"({"prompt_tokens":12,"completion_tokens":3,"total_tokens":55,)"
                          R"("completion_tokens_details":{"reasoning_tokens":40}})");
  check_eq(streamed(opening + apart + stop + apart), "12/43/40/-");
  check_eq(streamed(claude_start(R"({"input_tokens":43,"cache_read_input_tokens":7,"output_tokens":1})")
                      + claude_end(R"({"input_tokens":61,"cache_read_input_tokens":0,"output_tokens":9,)"
                                   R"("output_tokens_details":{"thinking_tokens":5}})"),
                    provider_kind::anthropic),
           "68/9/5/7");
  check_eq(streamed(claude_start(R"({"input_tokens":25,"cache_creation_input_tokens":7,"output_tokens":1})")
                      + claude_end(R"({"input_tokens":0,"output_tokens":0})"),
                    provider_kind::anthropic),
           "32/1/-/-+7");
  check_eq(
    streamed(gemini(R"({"promptTokenCount":12,"cachedContentTokenCount":4})")
               + gemini(R"({"promptTokenCount":12,"candidatesTokenCount":3})", R"(,"finishReason":"STOP")")
               + event(R"({"usageMetadata":{"promptTokenCount":0,"candidatesTokenCount":0}})"),
             provider_kind::gemini),
    "12/3/-/4");
}

TEST("counts of an answer that broke off are not the last word, those of one that was refused are") {
  check_eq(streamed(claude_start(R"({"input_tokens":25,"output_tokens":1})"), provider_kind::anthropic),
           "25/1/-/-?");
  check_eq(streamed(claude_start(R"({"input_tokens":25,"output_tokens":1})")
                      + event(R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})"),
                    provider_kind::anthropic),
           "25/1/-/-?");
  check_eq(streamed(gemini(R"({"promptTokenCount":12,"candidatesTokenCount":3})"), provider_kind::gemini),
           "12/3/-/-?");
  check_eq(
    streamed(gemini(R"({"promptTokenCount":12,"candidatesTokenCount":3})", R"(,"finishReason":"SAFETY")"),
             provider_kind::gemini),
    "12/3/-/-");
  check_eq(streamed(opening), "-/-/-/-");
}

} // SUITE("usage")
