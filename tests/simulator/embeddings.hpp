#pragma once

#include <magna/simulator/embedding.hpp>
#include <magna/simulator/server.hpp>

#include <nlohmann/json.hpp>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <magna/tests/simulator/client.hpp>

namespace magna::test {

using nlohmann::json;
using vector_list = std::vector<std::vector<float>>;

inline constexpr auto embedding_protocols = {simulator::protocol::gemini, simulator::protocol::openai,
                                             simulator::protocol::openai_responses,
                                             simulator::protocol::ollama};

/// Whether the protocol is one of OpenAI's, which have the same embeddings.
constexpr bool is_openai(simulator::protocol kind) noexcept {
  return kind == simulator::protocol::openai || kind == simulator::protocol::openai_responses;
}

/// An embedding request for the model `m`. `more` joins the body, or, for Gemini, each request of the batch.
inline generation embed_request(simulator::protocol kind, const std::vector<std::string>& texts,
                                const json& more = json::object(), const std::string& instance = {}) {
  using simulator::protocol;
  const auto prefix = instance.empty() ? std::string{} : "/i/" + instance;
  if (kind == protocol::gemini) {
    json body = {{"requests", json::array()}};
    for (const auto& text : texts) {
      json item = {{"model", "models/m"}, {"content", {{"parts", json::array({{{"text", text}}})}}}};
      item.update(more);
      body["requests"].push_back(std::move(item));
    }
    return {prefix + "/v1beta/models/m:batchEmbedContents", body.dump(), {{"x-goog-api-key", "k"}}};
  }
  json body = {{"model", "m"}, {"input", texts}};
  body.update(more);
  if (is_openai(kind))
    return {prefix + (kind == protocol::openai ? "" : "/openai") + "/v1/embeddings",
            body.dump(),
            {{"Authorization", "Bearer k"}}};
  return {prefix + "/api/embed", body.dump(), {}};
}

inline std::vector<float> decode_base64(const std::string& text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<float> result;
  std::uint64_t bits = 0;
  std::string bytes;
  unsigned count = 0;
  for (auto c : text) {
    if (c == '=')
      break;
    bits = bits << 6U | digits.find(c);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFFU);
    }
  }
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 4; ++k)
      word |= std::uint32_t{static_cast<unsigned char>(bytes[i + k])} << 8 * k;
    result.push_back(std::bit_cast<float>(word));
  }
  return result;
}

/// The vectors of an answer, in its order.
inline vector_list vectors_in(simulator::protocol kind, const std::string& body) {
  using simulator::protocol;
  const auto answer = json::parse(body);
  vector_list result;
  const auto add = [&result](const json& one) {
    result.push_back(one.is_string() ? decode_base64(one.get<std::string>()) : one.get<std::vector<float>>());
  };
  if (is_openai(kind))
    for (const auto& item : answer.at("data"))
      add(item.at("embedding"));
  else
    for (const auto& item : answer.at("embeddings"))
      add(kind == protocol::gemini ? item.at("values") : item);
  return result;
}

/// The vectors that the texts have to have.
inline vector_list vectors_of(const std::vector<std::string>& texts,
                              std::size_t dimensions = simulator::default_dimensions) {
  vector_list result;
  for (const auto& text : texts)
    result.push_back(simulator::embedding_of("m", text, dimensions));
  return result;
}

/// What the error of a refusal says.
inline std::string message_in(simulator::protocol kind, const response& got) {
  const auto error = json::parse(got.body).at("error");
  return kind == simulator::protocol::ollama ? error.get<std::string>()
                                             : error.at("message").get<std::string>();
}

} // namespace magna::test
