#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  job_kind job = job_kind::chat;
};

/// Whether magna has made the ID up.
inline bool is_made_up(std::string_view id) {
  return id.size() == 21 && id.starts_with("call_")
         && id.find_first_not_of("0123456789abcdef", 5) == std::string_view::npos;
}

/// Puts parts together as a requester does: what follows on the same kind and index is one.
class collected_parts {
public:
  void add(std::vector<part> more) {
    for (auto& x : more) {
      if (!all_.empty() && all_.back().kind == x.kind && all_.back().index == x.index && x.name.empty())
        all_.back().bytes += x.bytes;
      else
        all_.push_back(std::move(x));
    }
  }

  std::string text() const {
    std::string result;
    for (const auto& x : all_)
      result += x.kind == part_kind::text ? x.bytes : "";
    return result;
  }

  /// "reasoning 'hm'; text 'Let me see.'; tool_call 0 c1 look_up '{}'".
  std::string summary() const {
    std::string result;
    for (const auto& x : all_) {
      result += (result.empty() ? "" : "; ") + to_string(x.kind);
      if (x.kind == part_kind::tool_call)
        result += " " + std::to_string(x.index) + (x.name.empty() ? "" : " " + x.id + " " + x.name);
      result += " '" + x.bytes + "'";
    }
    return result;
  }

  /// Writes IDs that magna has made up, which are never the same twice, as "call_1" for the first call and so on.
  void number_ids(std::vector<tool_call>& calls) {
    std::map<std::string, std::string> numbers;
    for (auto& x : all_)
      if (is_made_up(x.id))
        x.id = numbers[x.id] = "call_" + std::to_string(x.index + 1);
    for (auto& x : calls)
      if (const auto found = numbers.find(x.id); found != numbers.end())
        x.id = found->second;
  }

  bool valid() const {
    return std::ranges::all_of(all_, [](const part& x) { return is_utf8(x.bytes) && x.size() > 0; });
  }

private:
  std::vector<part> all_;
};

/// All that a decoder made of a response.
struct outcome {
  decode_status status = decode_status::need_more;
  std::string text;
  std::string parts;
  answer_info info;
  response_error error;
  bool complete = false;

  /// "finished stop: text" or "failed content_filtered: text".
  std::string summary() const {
    if (status == decode_status::finished)
      return "finished " + (info.finish ? to_string(*info.finish) : std::string{"-"}) + ": " + text;
    return "failed " + to_string(error.code) + ": " + text;
  }

  /// "id name arguments" of each call, and its items.
  std::string calls() const {
    std::string result;
    for (const auto& x : info.tool_calls)
      result += (result.empty() ? "" : "; ") + x.id + " " + x.name + " " + x.arguments + items(x.items);
    return result;
  }

  /// " KIND=DATA" of each item.
  static std::string items(const std::vector<opaque_item>& all) {
    std::string result;
    for (const auto& x : all)
      result += " " + x.kind + "=" + x.data;
    return result;
  }

  /// "prompt/completion/reasoning/cached"; what is not told is "-". Behind it "+" and what the cache got, where told, and
  /// "?" where the counts are not the last word.
  std::string tokens() const {
    const auto count = [](const std::optional<std::uint64_t>& x) { return x ? std::to_string(*x) : "-"; };
    const auto& x = info.usage;
    return count(x.prompt_tokens) + "/" + count(x.completion_tokens) + "/" + count(x.reasoning_tokens) + "/"
           + count(x.cached_tokens) + (x.cache_write_tokens ? "+" + count(x.cache_write_tokens) : "")
           + (x.estimated ? "?" : "");
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
  part_sink sink{{.reasoning = true, .tool_calls = true}};
  collected_parts all;
  const auto decoder = codec_for(what.kind).make_decoder(what.job, what.stream);
  decoder->head(head_of(what));
  const auto over = [&] {
    return result.status == decode_status::finished || result.status == decode_status::failed;
  };
  for (const auto part : parts) {
    if (over())
      break;
    decoder->feed(part);
    do
      result.status = decoder->next(sink);
    while (result.status != decode_status::need_more && !over());
    all.add(sink.take());
    if (!all.valid())
      test.fail("half a character, or nothing, came out of {}", what.body);
  }
  result.complete = decoder->complete();
  if (!over())
    result.status = decoder->end(sink);
  test.require(over());
  if (decoder->next(sink) != result.status || decoder->end(sink) != result.status)
    test.fail("the end is not final");
  all.add(sink.take());
  result.info = decoder->info();
  all.number_ids(result.info.tool_calls);
  result.text = all.text();
  result.parts = all.summary();
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
             || first->parts != result.parts || first->calls() != result.calls()
             || first->info.reasoning != result.info.reasoning || first->info.items != result.info.items)
      runnable::current().fail("a split of {} parts gives {} ({}), not {} ({})", parts.size(),
                               result.summary(), result.parts, first->summary(), first->parts);
  });
  return first ? *first : decode_parts(what, {});
}

} // namespace magna::test
