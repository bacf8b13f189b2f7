#pragma once

#include <magna/simulator/traits.hpp>

// What the rows of the table of protocols point at: each protocol's own ways, in its own files.

namespace magna::simulator {

const dialect& gemini_dialect() noexcept;
const dialect& openai_dialect() noexcept;
const dialect& responses_dialect() noexcept;
const dialect& ollama_dialect() noexcept;
const dialect& anthropic_dialect() noexcept;

provider_error gemini_error(std::string_view name, const error_context& context);
provider_error openai_error(std::string_view name, const error_context& context);
provider_error anthropic_error(std::string_view name, const error_context& context);
provider_error ollama_error(std::string_view name, const error_context& context);

nlohmann::ordered_json gemini_refusal(const std::string& message, std::string_view param);
nlohmann::ordered_json openai_refusal(const std::string& message, std::string_view param);
nlohmann::ordered_json anthropic_refusal(const std::string& message, std::string_view param);
nlohmann::ordered_json ollama_refusal(const std::string& message, std::string_view param);

reply gemini_unrouted(const incoming& request);
reply openai_unrouted(const incoming& request);
reply anthropic_unrouted(const incoming& request);
reply ollama_unrouted(const incoming& request);

std::optional<reply> refuse_gemini_body(const incoming& request);
std::optional<reply> refuse_openai_body(const incoming& request);
std::optional<reply> refuse_responses_body(const incoming& request);
std::optional<reply> refuse_anthropic_body(const incoming& request);
std::optional<reply> refuse_ollama_body(const incoming& request);

std::optional<reply> refuse_gemini_history(const incoming& request, const step& options,
                                           const handouts& given);
std::optional<reply> refuse_openai_history(const incoming& request, const step& options,
                                           const handouts& given);
std::optional<reply> refuse_responses_history(const incoming& request, const step& options,
                                              const handouts& given);
std::optional<reply> refuse_anthropic_history(const incoming& request, const step& options,
                                              const handouts& given);
std::optional<reply> refuse_ollama_history(const incoming& request, const step& options,
                                           const handouts& given);

nlohmann::ordered_json gemini_models(const incoming& request, const std::vector<std::string>& models);
nlohmann::ordered_json openai_models(const incoming& request, const std::vector<std::string>& models);
nlohmann::ordered_json anthropic_models(const incoming& request, const std::vector<std::string>& models);
nlohmann::ordered_json ollama_models(const incoming& request, const std::vector<std::string>& models);

/// A list of all models, each described.
template <class Describe>
nlohmann::ordered_json models_list(const std::vector<std::string>& models, Describe describe) {
  auto result = nlohmann::ordered_json::array();
  for (const auto& name : models)
    result.push_back(describe(name));
  return result;
}

extern const embedding_manners gemini_embeddings;
extern const embedding_manners openai_embeddings;
extern const embedding_manners ollama_embeddings;

} // namespace magna::simulator
