#include "wire.hpp"

namespace magna::test::wire {

namespace {

std::string quoted(std::string_view text) {
  return '"' + std::string{text} + '"';
}

} // namespace

std::string head(provider_kind kind, bool stream, std::string_view more) {
  const std::string_view type = !stream                         ? "application/json"
                                : kind == provider_kind::ollama ? "application/x-ndjson"
                                                                : "text/event-stream";
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string{type} + "\r\nConnection: close\r\n"
         + std::string{more} + "\r\n";
}

std::string event(provider_kind kind, std::string_view payload) {
  if (kind == provider_kind::ollama)
    return std::string{payload} + "\n";
  std::string name;
  // Anthropic's events are named after the type that their payloads begin with.
  constexpr std::string_view type = R"({"type":")";
  if (kind == provider_kind::anthropic && payload.starts_with(type))
    name = "event: " + std::string{payload.substr(type.size(), payload.find('"', type.size()) - type.size())}
           + '\n';
  return name + "data: " + std::string{payload} + "\n\n";
}

std::string token(provider_kind kind, std::string_view text) {
  if (kind == provider_kind::gemini)
    return event(kind, R"({"candidates":[{"content":{"role":"model","parts":[{"text":)" + quoted(text)
                         + R"(}]},"index":0}],"modelVersion":"m"})");
  if (kind == provider_kind::openai)
    return event(kind, R"({"model":"m","choices":[{"index":0,"delta":{"content":)" + quoted(text)
                         + R"(},"finish_reason":null}]})");
  if (kind == provider_kind::anthropic)
    return event(kind, R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":)"
                         + quoted(text) + "}}");
  return event(kind, R"({"model":"m","message":{"role":"assistant","content":)" + quoted(text)
                       + R"(},"done":false})");
}

std::string reasoning(provider_kind kind, std::string_view text) {
  if (kind == provider_kind::gemini)
    return event(kind, R"({"candidates":[{"content":{"role":"model","parts":[{"text":)" + quoted(text)
                         + R"(,"thought":true}]},"index":0}],"modelVersion":"m"})");
  if (kind == provider_kind::openai)
    return event(kind, R"({"model":"m","choices":[{"index":0,"delta":{"reasoning_content":)" + quoted(text)
                         + R"(},"finish_reason":null}]})");
  if (kind == provider_kind::anthropic)
    return event(kind,
                 R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":)"
                   + quoted(text) + "}}");
  return event(kind, R"({"model":"m","message":{"role":"assistant","content":"","thinking":)" + quoted(text)
                       + R"(},"done":false})");
}

std::string finish(provider_kind kind) {
  if (kind == provider_kind::gemini)
    return event(kind, R"({"candidates":[{"finishReason":"STOP","index":0}],"modelVersion":"m"})");
  if (kind == provider_kind::openai)
    return event(kind, R"({"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  if (kind == provider_kind::anthropic)
    return event(kind, R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})")
           + event(kind, R"({"type":"message_stop"})");
  return event(
    kind, R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"})");
}

std::string done(provider_kind kind) {
  return kind == provider_kind::openai ? done_marker(kind) : std::string{};
}

std::string done_marker(provider_kind kind) {
  return event(kind, "[DONE]");
}

std::string whole(provider_kind kind, std::string_view text) {
  if (kind == provider_kind::gemini)
    return R"({"candidates":[{"content":{"role":"model","parts":[{"text":)" + quoted(text)
           + R"(}]},"finishReason":"STOP","index":0}],"modelVersion":"m"})";
  if (kind == provider_kind::openai)
    return R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":)" + quoted(text)
           + R"(},"finish_reason":"stop"}]})";
  if (kind == provider_kind::anthropic)
    return R"({"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":)"
           + quoted(text) + R"(}],"stop_reason":"end_turn"})";
  return R"({"model":"m","message":{"role":"assistant","content":)" + quoted(text)
         + R"(},"done":true,"done_reason":"stop"})";
}

} // namespace magna::test::wire
