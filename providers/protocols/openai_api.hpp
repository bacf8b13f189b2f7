#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <magna/providers/json_codec.hpp>

// What the protocols of OpenAI's API share.

namespace magna {

/// What such a codec says of itself, but for its own ways to err.
protocol_info describe_openai(std::string_view kind, std::string title);

/// Whether a base URL is one of OpenAI's own: api.openai.com or, for a region, eu.api.openai.com and the like.
bool is_openai_address(std::string_view base_url) noexcept;

/// The codec of one of them. Embeddings and the list of models, which is the probe, are the same for all.
class openai_codec : public json_codec {
public:
  std::unique_ptr<response_decoder> make_decoder(job_kind job, bool stream) const final;

protected:
  explicit openai_codec(protocol_info about) : json_codec(std::move(about)) {}

  /// Where answers to conversations are asked for.
  virtual const char* answers_path() const noexcept = 0;
  /// The document that asks for one.
  virtual nlohmann::json answer_body(const call& what) const = 0;
  /// Of such an answer.
  virtual std::unique_ptr<response_decoder> make_answer_decoder(bool stream) const = 0;

  std::string path_of(const call& what) const final;
  nlohmann::json body_of(const call& what) const final;
  std::string probe_path(std::string_view model) const final;
  std::optional<response_error> judge_document(const nlohmann::json& document,
                                               std::string_view model) const final;
};

} // namespace magna
