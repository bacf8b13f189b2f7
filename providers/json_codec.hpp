#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>
#include <magna/providers/codec.hpp>

namespace magna {

/// A probe that is no GET.
struct probe_post {
  /// Below the base URL; empty: there is none.
  std::string path{};
  /// What is sent.
  nlohmann::json body{};
};

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

  /// What a probe posts, and where, for servers that have nothing free to get. The default: nothing is posted, and
  /// `probe_path` says what is got.
  virtual probe_post probe_post_of(const endpoint& where, std::string_view model) const;

  /// Adds the key and what else each request needs. The default is the key, as `about().auth`, settings or the
  /// server's host have it.
  virtual void add_headers(http_headers& headers, const endpoint& where) const;

  /// Judges the object that a probe got. `model` may be empty. The default: usable.
  virtual std::optional<response_error> judge_document(const nlohmann::json& document,
                                                       std::string_view model) const;

private:
  const protocol_info about_;
};

} // namespace magna
