#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>
#include <magna/providers/codec.hpp>

namespace magna {

/// The codec of a protocol of JSON over HTTP: a POST with a document for an answer, a GET for a probe. What
/// is left to a protocol are its paths, its documents and, in a body_decoder, what the answer's documents
/// mean.
class MAGNA_EXPORT json_codec : public codec {
public:
  const protocol_info& about() const noexcept final { return about_; }
  http_request encode(const call& what) const final;
  http_request encode_probe(const endpoint& where, std::string_view model) const final;
  std::optional<response_error> judge_probe(const http_head& head, std::string_view body,
                                            std::string_view model) const final;

protected:
  /// For those that derive from it.
  explicit json_codec(protocol_info about) : about_(std::move(about)) {}

  /// Where the call goes, below the base URL: "/chat/completions".
  virtual std::string path_of(const call& what) const = 0;

  /// The document that asks. encoding.hpp has what most of them need.
  virtual nlohmann::json body_of(const call& what) const = 0;

  /// What a probe gets, below the base URL: "/models". `model` may be empty.
  virtual std::string probe_path(std::string_view model) const = 0;

  /// Adds the key and what else each request needs. The default is "Authorization: Bearer KEY".
  virtual void add_headers(http_headers& headers, const endpoint& where) const;

  /// Judges the object that a probe got. `model` may be empty. The default: usable.
  virtual std::optional<response_error> judge_document(const nlohmann::json& document,
                                                       std::string_view model) const;

private:
  const protocol_info about_;
};

} // namespace magna
