#pragma once

#include <string>
#include <string_view>

#include <magna/providers/codec_registry.hpp>
#include <magna/tests/providers/parsing/splits.hpp>
#include <magna/tests/support/test.hpp>
#include <magna/text/utf8.hpp>

namespace magna::test {

/// A response as a test writes it down.
struct response {
  provider_kind kind = provider_kind::openai;
  std::string_view body;
  std::string_view content_type = "text/event-stream";
  int status = 200;
  bool stream = true;
  http_headers headers;
};

/// All that a decoder made of a response.
struct outcome {
  decode_status status = decode_status::need_more;
  std::string text;
  answer_info info;
  response_error error;
  bool complete = false;
  bool reasoning = false;

  /// "finished stop: text" or "failed content_filtered: text".
  std::string summary() const {
    if (status == decode_status::finished)
      return "finished " + (info.finish ? to_string(*info.finish) : std::string{"-"}) + ": " + text;
    return "failed " + to_string(error.code) + ": " + text;
  }

  /// "id name arguments" of each call, and its signature if it has one.
  std::string calls() const {
    std::string result;
    for (const auto& x : info.tool_calls)
      result += (result.empty() ? "" : "; ") + x.id + " " + x.name + " " + x.arguments
                + (x.signature.empty() ? "" : " signed " + x.signature);
    return result;
  }

  /// "prompt/completion/reasoning/cached".
  std::string tokens() const {
    const auto& x = info.usage;
    return std::to_string(x.prompt_tokens) + "/" + std::to_string(x.completion_tokens) + "/"
           + std::to_string(x.reasoning_tokens) + "/" + std::to_string(x.cached_tokens);
  }
};

inline http_head head_of(const response& what) {
  http_head head{what.status, what.headers};
  if (!what.content_type.empty())
    head.add("content-type", what.content_type);
  return head;
}

/// Feeds the body in the given parts, each one drained before the next, and checks what must hold for any
/// response.
inline outcome decode_parts(const response& what, const pieces& parts) {
  auto& test = runnable::current();
  outcome result;
  const auto decoder = codec_for(what.kind).make_decoder(what.stream);
  decoder->head(head_of(what));
  const auto over = [&] {
    return result.status == decode_status::finished || result.status == decode_status::failed;
  };
  for (const auto part : parts) {
    if (over())
      break;
    decoder->feed(part);
    for (result.status = decoder->next(result.text); result.status != decode_status::need_more && !over();
         result.status = decoder->next(result.text))
      result.reasoning = result.reasoning || result.status == decode_status::reasoning;
    if (valid_utf8_prefix(result.text) != result.text.size())
      test.fail("half a character came out of {}", what.body);
  }
  result.complete = decoder->complete();
  if (!over())
    result.status = decoder->end(result.text);
  test.require(over());
  if (decoder->next(result.text) != result.status || decoder->end(result.text) != result.status)
    test.fail("the end is not final");
  result.info = decoder->info();
  result.error = decoder->error();
  return result;
}

/// Decodes the body in every split, checks that all give the same, and returns that.
inline outcome decode(const response& what) {
  std::optional<outcome> first;
  for_each_split(what.body, [&](const pieces& parts) {
    const auto result = decode_parts(what, parts);
    if (!first)
      first = result;
    else if (first->summary() != result.summary() || first->tokens() != result.tokens()
             || first->error.message != result.error.message || first->info.model != result.info.model
             || first->reasoning != result.reasoning || first->calls() != result.calls())
      runnable::current().fail("a split of {} parts gives {}, not {}", parts.size(), result.summary(),
                               first->summary());
  });
  return first ? *first : decode_parts(what, {});
}

} // namespace magna::test
