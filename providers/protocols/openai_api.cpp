#include <magna/providers/protocols/openai_api.hpp>

#include <algorithm>

#include <magna/providers/embedding_decoder.hpp>
#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_fields.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/host.hpp>

namespace magna {

namespace {

using nlohmann::json;

json embedding_body(const call& what) {
  json body = {{"model", what.model}, {"input", what.question.inputs}};
  // A quarter of the bytes that decimal numbers take.
  if (!what.refused.contains("encoding_format"))
    body["encoding_format"] = "base64";
  put_unless_refused(body, what, "dimensions", what.question.dimensions);
  return body;
}

} // namespace

protocol_info describe_openai(std::string_view kind, std::string title) {
  return {.kind = std::string{kind},
          .title = std::move(title),
          .default_base_url = "https://api.openai.com/v1",
          .default_model = "gpt-6-luna",
          .default_embedding_model = "text-embedding-3-small",
          .embedding_batch = {.texts = 512},
          .can = {feature::tools, feature::required_tool, feature::json_answer, feature::json_schema,
                  feature::image_data, feature::image_url, feature::embeddings},
          .errors = {.parameters = {{"temperature", "temperature"},
                                    {"top_p", "top_p"},
                                    {"encoding_format", "encoding_format"}}}};
}

bool is_openai_address(std::string_view base_url) noexcept {
  constexpr std::string_view own = "api.openai.com";
  const auto host = to_lower(host_of(base_url));
  return host == own || host.ends_with("." + std::string{own});
}

std::unique_ptr<response_decoder> openai_codec::make_decoder(job_kind job, bool stream) const {
  if (job == job_kind::embedding)
    return std::make_unique<embedding_decoder>(about(),
                                               embedding_shape{.list = "data", .vector = "embedding"});
  return make_answer_decoder(stream);
}

std::string openai_codec::path_of(const call& what) const {
  return what.question.job == job_kind::embedding ? "/embeddings" : answers_path();
}

json openai_codec::body_of(const call& what) const {
  return what.question.job == job_kind::embedding ? embedding_body(what) : answer_body(what);
}

/// The list, and not the model's own page: more servers have it.
std::string openai_codec::probe_path(std::string_view) const {
  return "/models";
}

std::optional<response_error> openai_codec::judge_document(const json& document,
                                                           std::string_view model) const {
  const auto* models = find_list(document, "data");
  const auto* more = find_member(document, "has_more");
  // A list that is odd or has more pages proves nothing against the model.
  if (model.empty() || models == nullptr || (more != nullptr && *more == true))
    return std::nullopt;
  for (const auto& entry : *models) {
    auto id = find_string(entry, "id");
    if (id.starts_with("models/"))
      id.remove_prefix(7);
    // A llama.cpp server has one model, whatever one calls it; Ollama lists its models with their tags.
    if (id == model || id == std::string{model} + ":latest" || find_string(entry, "owned_by") == "llamacpp")
      return std::nullopt;
  }
  // OpenRouter's variants, aliases and deployments are on no list.
  auto missing = missing_model("the provider does not list the model " + std::string{model});
  missing.unproven = true;
  return missing;
}

} // namespace magna
