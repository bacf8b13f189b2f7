#include "wire.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace magna::test::wire {

namespace {

enum class framing : std::uint8_t { sse, named_sse, lines };

/// The payloads of a protocol; "@" stands for a text.
struct forms {
  std::string_view kind;
  framing form;
  std::vector<std::string_view> role_only;
  std::string_view token;
  std::string_view reasoning;
  std::vector<std::string_view> finish;
  std::string_view whole;
};

const forms all[] = {
  {provider_kind::gemini,
   framing::sse,
   {R"({"candidates":[{"content":{"role":"model"},"index":0}],"modelVersion":"m"})"},
   R"({"candidates":[{"content":{"role":"model","parts":[{"text":"@"}]},"index":0}],"modelVersion":"m"})",
   R"({"candidates":[{"content":{"role":"model","parts":[{"text":"@","thought":true}]},"index":0}],"modelVersion":"m"})",
   {R"({"candidates":[{"finishReason":"STOP","index":0}],"modelVersion":"m"})"},
   R"({"candidates":[{"content":{"role":"model","parts":[{"text":"@"}]},"finishReason":"STOP","index":0}],"modelVersion":"m"})"},
  {provider_kind::openai,
   framing::sse,
   {R"({"model":"m","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]})"},
   R"({"model":"m","choices":[{"index":0,"delta":{"content":"@"},"finish_reason":null}]})",
   R"({"model":"m","choices":[{"index":0,"delta":{"reasoning_content":"@"},"finish_reason":null}]})",
   {R"({"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"},
   R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"@"},"finish_reason":"stop"}]})"},
  {provider_kind::openai_responses,
   framing::named_sse,
   {R"({"type":"response.created","response":{"model":"m","status":"in_progress","output":[]}})",
    R"({"type":"response.output_item.added","output_index":0,"item":{"id":"m1","type":"message","role":"assistant","content":[]}})"},
   R"({"type":"response.output_text.delta","item_id":"m1","output_index":0,"content_index":0,"delta":"@"})",
   R"({"type":"response.reasoning_summary_text.delta","item_id":"r1","output_index":0,"summary_index":0,"delta":"@"})",
   {R"({"type":"response.completed","response":{"model":"m","status":"completed","output":[]}})"},
   R"({"object":"response","model":"m","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"@"}]}]})"},
  {provider_kind::anthropic,
   framing::named_sse,
   {R"({"type":"message_start","message":{"type":"message","role":"assistant","model":"m","content":[]}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"},
   R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"@"}})",
   R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"@"}})",
   {R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})", R"({"type":"message_stop"})"},
   R"({"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"@"}],"stop_reason":"end_turn"})"},
  {provider_kind::ollama,
   framing::lines,
   {R"({"model":"m","message":{"role":"assistant"},"done":false})"},
   R"({"model":"m","message":{"role":"assistant","content":"@"},"done":false})",
   R"({"model":"m","message":{"role":"assistant","content":"","thinking":"@"},"done":false})",
   {R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"})"},
   R"({"model":"m","message":{"role":"assistant","content":"@"},"done":true,"done_reason":"stop"})"},
};

const forms& forms_of(const provider_kind& kind) {
  return *std::ranges::find(all, kind.name(), &forms::kind);
}

std::string with(std::string_view payload, std::string_view text) {
  const auto at = payload.find('@');
  return std::string{payload.substr(0, at)} + std::string{text} + std::string{payload.substr(at + 1)};
}

std::string events(provider_kind kind, const std::vector<std::string_view>& payloads) {
  std::string result;
  for (const auto payload : payloads)
    result += event(kind, payload);
  return result;
}

} // namespace

std::string head(provider_kind kind, bool stream, std::string_view more) {
  const std::string_view type = !stream                                 ? "application/json"
                                : forms_of(kind).form == framing::lines ? "application/x-ndjson"
                                                                        : "text/event-stream";
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string{type} + "\r\nConnection: close\r\n"
         + std::string{more} + "\r\n";
}

std::string event(provider_kind kind, std::string_view payload) {
  const auto form = forms_of(kind).form;
  if (form == framing::lines)
    return std::string{payload} + "\n";
  std::string name;
  // Named after the type that the payload begins with.
  constexpr std::string_view type = R"({"type":")";
  if (form == framing::named_sse && payload.starts_with(type))
    name = "event: " + std::string{payload.substr(type.size(), payload.find('"', type.size()) - type.size())}
           + '\n';
  return name + "data: " + std::string{payload} + "\n\n";
}

std::string role_only(provider_kind kind) {
  return events(kind, forms_of(kind).role_only);
}

std::string token(provider_kind kind, std::string_view text) {
  return event(kind, with(forms_of(kind).token, text));
}

std::string reasoning(provider_kind kind, std::string_view text) {
  return event(kind, with(forms_of(kind).reasoning, text));
}

std::string finish(provider_kind kind) {
  return events(kind, forms_of(kind).finish);
}

std::string done(provider_kind kind) {
  return kind == provider_kind::openai ? done_marker(kind) : std::string{};
}

std::string done_marker(provider_kind kind) {
  return event(kind, "[DONE]");
}

std::string whole(provider_kind kind, std::string_view text) {
  return with(forms_of(kind).whole, text);
}

} // namespace magna::test::wire
