#include <magna/providers/codec.hpp>

#include <magna/providers/codecs.hpp>

namespace magna {

std::string_view to_string(provider_kind x) noexcept {
  switch (x) {
    case provider_kind::gemini:
      return "gemini";
    case provider_kind::openai:
      return "openai";
    case provider_kind::ollama:
      return "ollama";
  }
  return "unknown";
}

std::optional<provider_kind> provider_kind_from(std::string_view name) noexcept {
  for (const auto kind : {provider_kind::gemini, provider_kind::openai, provider_kind::ollama})
    if (to_string(kind) == name)
      return kind;
  return std::nullopt;
}

const codec& codec_for(provider_kind kind) {
  switch (kind) {
    case provider_kind::gemini:
      return gemini_codec();
    case provider_kind::openai:
      return openai_codec();
    case provider_kind::ollama:
      break;
  }
  return ollama_codec();
}

} // namespace magna
