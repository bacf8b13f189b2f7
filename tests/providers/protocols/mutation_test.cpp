// Recorded responses, damaged at random with a fixed seed: whatever comes, a decoder ends with `finished` or
// `failed`, lets out valid UTF-8 only, and gives the same for any split.

#include <random>

#include <magna/tests/providers/protocols/decoding.hpp>
#include <magna/tests/providers/protocols/responses_answer.hpp>

using namespace magna;

namespace {

constexpr std::string_view openai_stream =
  ": ping\n\ndata: "
  "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_"
  "reason\":null}]}\n\n"
  "data: "
  "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\ud83d\"},\"finish_reason\":null}],"
  "\"usage\":null}\r\n\r\n"
  "data: "
  "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ude00\xC3\xA4\"},\"finish_reason\":"
  "null}]}\r\r"
  "data: "
  "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"c\\n\"},\"finish_reason\":null}]}\n\n"
  "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
  "data: "
  "{\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2,\"total_tokens\":14}}\n\ndata: "
  "[DONE]\n\n";

constexpr std::string_view gemini_stream =
  "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a\",\"thought\": true}],\"role\": "
  "\"model\"},\"index\": 0}],\"modelVersion\": \"m\"}\r\n\r\n"
  "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"b\xE2\x82\xAC\"},{\"text\": "
  "\"\\u00e4\"}]}}],\"usageMetadata\": {\"promptTokenCount\": 2}}\r\n\r\n"
  "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"c\"}]},\"finishReason\": "
  "\"STOP\"}],\"usageMetadata\": {\"promptTokenCount\": 2}}\r\n\r\n";

constexpr std::string_view ollama_stream =
  "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}"
  "\n"
  "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"a\xC3\xA4\"},\"done\":false}\n"
  "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"b\\\"\"},\"done\":false}\r\n"
  "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"eval_count\":3}"
  "\n";

constexpr std::string_view anthropic_stream =
  "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":"
  "{\"input_tokens\":2,\"output_tokens\":1}}}\n\n"
  "event: ping\ndata: {\"type\": \"ping\"}\n\n"
  "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
  "\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
  "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
  "\"text_delta\",\"text\":\"a\\ud83d\"}}\n\n"
  "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
  "\"text_delta\",\"text\":\"\\ude00\xC3\xA4\"}}\n\n"
  "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
  "\"usage\":{\"output_tokens\":3}}\n\n"
  "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

const std::string responses_stream = test::responses_answer();

constexpr std::string_view error_body =
  "{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"Please retry in 26.66s.\",\n    \"status\": "
  "\"RESOURCE_EXHAUSTED\",\n"
  "    \"details\": [{\"violations\": [{\"quotaId\": \"PerDay\"}]}, {\"retryDelay\": \"26.6s\"}]\n  }\n}\n";

std::string mutate(std::string text, std::mt19937& random) {
  static constexpr std::string_view pieces[] = {"\"",
                                                "{",
                                                "}",
                                                "[",
                                                "]",
                                                ":",
                                                ",",
                                                "\n",
                                                "\r",
                                                "\n\n",
                                                "\\",
                                                "\\ud83d",
                                                "\\ude00",
                                                "\xF0\x9F",
                                                "\xFF",
                                                "null",
                                                "data:",
                                                "data: ",
                                                "[DONE]",
                                                "{\"error\":{\"code\":500}}",
                                                "\"error\":\"x\",",
                                                "\xEF\xBB\xBF",
                                                "<html>",
                                                "1e999",
                                                "-1",
                                                "0",
                                                " "};
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (auto count = 1 + below(4); count > 0; --count) {
    const auto at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, pieces[below(std::size(pieces))]);
        break;
      case 1:
        text.erase(at, below(8));
        break;
      case 2:
        if (at < text.size())
          text[at] = static_cast<char>(random());
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(60)));
        break;
      case 4:
        if (below(4) == 0)
          text.resize(at);
        break;
    }
  }
  return text;
}

} // namespace

SUITE("mutated responses") {

TEST("no response crashes or hangs a decoder, or depends on how it was split") {
  std::mt19937 random{20261122};
  const test::response originals[] = {
    {.kind = provider_kind::openai, .body = openai_stream},
    {.kind = provider_kind::gemini, .body = gemini_stream},
    {.kind = provider_kind::ollama, .body = ollama_stream, .content_type = "application/x-ndjson"},
    {.kind = provider_kind::anthropic, .body = anthropic_stream},
    {.kind = provider_kind::openai_responses, .body = responses_stream},
    {.kind = provider_kind::openai, .body = openai_stream, .content_type = ""},
    {.kind = provider_kind::gemini, .body = error_body},
    {.kind = provider_kind::gemini, .body = error_body, .content_type = "application/json", .status = 429},
  };
  std::size_t finished = 0;
  std::size_t failed = 0;
  for (int round = 0; round < 3000; ++round) {
    for (auto what : originals) {
      const auto body = mutate(std::string{what.body}, random);
      what.body = body;
      const auto whole = test::decode_parts(what, {what.body});
      test::pieces parts;
      for (std::string_view rest = body; !rest.empty();) {
        const auto size = std::min<std::size_t>(rest.size(), 1 + random() % 90);
        parts.push_back(rest.substr(0, size));
        rest.remove_prefix(size);
      }
      const auto split = test::decode_parts(what, parts);
      if (whole.summary() != split.summary() || whole.tokens() != split.tokens())
        fail("{} or {} from {}", whole.summary(), split.summary(), body);
      ++(whole.status == decode_status::finished ? finished : failed);
    }
  }
  // Otherwise the damage is too small or too big to show anything.
  check(finished > 500);
  check(failed > 500);
}

} // SUITE("mutated responses")
