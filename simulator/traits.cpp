#include <magna/simulator/traits.hpp>

#include <magna/simulator/manners.hpp>

#include <algorithm>
#include <array>

namespace magna::simulator {

namespace {

using std::string_view;

constexpr auto gemini_names =
  std::to_array<string_view>({"gemini-3.8-flash", "gemini-4-hydrogen", "gemini-4-argon"});
constexpr auto openai_names = std::to_array<string_view>({"gpt-6-luna", "gpt-6.1-terra", "gpt-6.1-sol"});
constexpr auto anthropic_names =
  std::to_array<string_view>({"claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-4-8"});
constexpr auto ollama_names = std::to_array<string_view>({"gemma4:latest"});

constexpr auto all = std::to_array<protocol_traits>({
  {
    .kind = protocol::gemini,
    .name = "gemini",
    .title = "Gemini",
    .base_path = "",
    .json_type = "application/json; charset=UTF-8",
    .conversation = "contents",
    .texts = "parts",
    .call_prefix = "sim",
    .eol = "\r\n",
    .models = gemini_names,
    .speaker = gemini_dialect,
    .error = gemini_error,
    .refusal = gemini_refusal,
    .unrouted = gemini_unrouted,
    .refuse_body = refuse_gemini_body,
    .refuse_history = refuse_gemini_history,
    .models_body = gemini_models,
    .embeddings = &gemini_embeddings,
  },
  {
    .kind = protocol::openai,
    .name = "openai",
    .title = "OpenAI",
    .base_path = "/v1",
    .json_type = "application/json",
    .conversation = "messages",
    .texts = "content",
    .call_prefix = "call_sim",
    .models = openai_names,
    .speaker = openai_dialect,
    .error = openai_error,
    .refusal = openai_refusal,
    .unrouted = openai_unrouted,
    .refuse_body = refuse_openai_body,
    .refuse_history = refuse_openai_history,
    .models_body = openai_models,
    .embeddings = &openai_embeddings,
  },
  {
    .kind = protocol::openai_responses,
    .name = "openai-responses",
    .title = "OpenAI Responses",
    .base_path = "/openai/v1",
    .json_type = "application/json",
    .conversation = "input",
    .texts = "content",
    .call_prefix = "call_sim",
    .form = stream_form::named_sse,
    .models = openai_names,
    .speaker = responses_dialect,
    .error = openai_error,
    .refusal = openai_refusal,
    .unrouted = openai_unrouted,
    .refuse_body = refuse_responses_body,
    .refuse_history = refuse_responses_history,
    .models_body = openai_models,
    .embeddings = &openai_embeddings,
  },
  {
    .kind = protocol::anthropic,
    .name = "anthropic",
    .title = "Anthropic",
    .base_path = "",
    .json_type = "application/json",
    .conversation = "messages",
    .texts = "content",
    .call_prefix = "toolu_sim",
    .form = stream_form::named_sse,
    .comment = "event: ping\ndata: {\"type\": \"ping\"}",
    .models = anthropic_names,
    .speaker = anthropic_dialect,
    .error = anthropic_error,
    .refusal = anthropic_refusal,
    .unrouted = anthropic_unrouted,
    .refuse_body = refuse_anthropic_body,
    .refuse_history = refuse_anthropic_history,
    .models_body = anthropic_models,
  },
  {
    .kind = protocol::ollama,
    .name = "ollama",
    .title = "Ollama",
    .base_path = "",
    .json_type = "application/json; charset=utf-8",
    .conversation = "messages",
    .texts = "content",
    .call_prefix = "call_sim",
    .form = stream_form::ndjson,
    .needs_key = false,
    .streams_unasked = true,
    .models = ollama_names,
    .speaker = ollama_dialect,
    .error = ollama_error,
    .refusal = ollama_refusal,
    .unrouted = ollama_unrouted,
    .refuse_body = refuse_ollama_body,
    .refuse_history = refuse_ollama_history,
    .models_body = ollama_models,
    .embeddings = &ollama_embeddings,
  },
});

} // namespace

const protocol_traits& traits_of(protocol kind) noexcept {
  return *std::ranges::find(all, kind, &protocol_traits::kind);
}

std::span<const protocol_traits> all_protocols() noexcept {
  return all;
}

std::string_view to_string(protocol value) noexcept {
  return traits_of(value).name;
}

} // namespace magna::simulator
