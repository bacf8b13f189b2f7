#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <magna/providers/codec_registry.hpp>
#include <magna/providers/errors/error_mapping.hpp>

// Errors as providers write them.

namespace magna::test {

inline constexpr auto gemini = provider_kind::gemini;
inline constexpr auto openai = provider_kind::openai;
inline constexpr auto anthropic = provider_kind::anthropic;
inline constexpr auto ollama = provider_kind::ollama;

struct row {
  provider_kind kind;
  int status;
  std::string body;
  errc code;
  /// "-": not said, "yes" or "no".
  std::string_view should_retry = "-";
};

inline std::string_view word_for(std::optional<bool> value) {
  return !value ? "-" : *value ? "yes" : "no";
}

inline std::string gemini_error(int code, std::string_view message, std::string_view status,
                                std::string_view details = "") {
  return "{\n  \"error\": {\n    \"code\": " + std::to_string(code) + ",\n    \"message\": \""
         + std::string{message} + "\",\n    \"status\": \"" + std::string{status} + "\",\n    \"details\": ["
         + std::string{details} + "]\n  }\n}\n";
}

inline std::string reason(std::string_view name) {
  return R"({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": ")" + std::string{name}
         + R"(", "domain": "googleapis.com"})";
}

inline std::string quota(std::string_view id, std::string_view value = "10") {
  return R"({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaMetric": "m", "quotaId": ")"
         + std::string{id} + R"(", "quotaValue": ")" + std::string{value} + R"("}]})";
}

inline const std::string retry_info =
  R"({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "26.660853464s"})";

/// `code` as JSON: a quoted string or null.
inline std::string openai_error(std::string_view message, std::string_view type,
                                std::string_view code = "null", std::string_view param = "null") {
  return R"({"error":{"message":")" + std::string{message} + R"(","type":")" + std::string{type}
         + R"(","param":)" + std::string{param} + R"(,"code":)" + std::string{code} + "}}";
}

inline std::string anthropic_error(std::string_view type, std::string_view message) {
  return R"({"type":"error","error":{"type":")" + std::string{type} + R"(","message":")"
         + std::string{message} + R"("},"request_id":"req_1"})";
}

inline std::string ollama_error(std::string_view json_string) {
  return R"({"error":")" + std::string{json_string} + "\"}";
}

inline response_error map(provider_kind kind, int status, std::string_view body, http_headers headers = {}) {
  return map_error_response(codec_for(kind).about(), {status, std::move(headers)}, body, {});
}

} // namespace magna::test
