#pragma once

#include <magna/simulator/incoming.hpp>
#include <magna/simulator/scenario.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace magna::simulator {

/// A whole HTTP answer: what is no stream of tokens.
struct reply {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// A provider's own error, before it is written.
struct provider_error {
  unsigned status = 500;
  nlohmann::ordered_json body;
};

/// What an error text may mention.
struct error_context {
  const incoming& request;
  const step& options;
  std::string param;                  ///< The parameter that is refused.
  std::optional<double> retry_info{}; ///< Seconds to tell in Gemini's RetryInfo.
};

/// The error of that name (one that `is_error_case` knows, `missing_key`, or `unsupported_...`), as the protocol of
/// the request has it.
provider_error error_of(std::string_view name, const error_context& context);

/// The reply of a step whose kind is `reply` or `refuse`.
reply error_reply(std::string_view name, const incoming& request, const step& options,
                  std::string_view param = {});

/// A reply of JSON, written as the provider does.
reply json_reply(const incoming& request, unsigned status, const nlohmann::ordered_json& body);

/// 400 with that text, in the provider's usual form.
reply bad_request(const incoming& request, const std::string& message, std::string_view param = {});

/// 404 and 405, as each provider writes them.
reply unrouted(const incoming& request);

/// 413 for a body over the limit.
reply too_large(const incoming& request);

/// Checks what a real server checks before it does anything: the key, the JSON, the model. `keys` and
/// `models` are the scenario's; empty allows all.
std::optional<reply> refuse(const incoming& request, const std::vector<std::string>& keys,
                            const std::vector<std::string>& models);

/// The parameter that a step of kind `refuse` objects to in this request, or an empty string.
std::string refused_parameter(const incoming& request, const step& value);

/// The vectors that an embedding request asks for. `id` is the number of the answer.
reply embed_reply(const incoming& request, const step& options, std::uint64_t id);

/// Refuses an embedding request with more texts than the step that comes next takes, in the provider's form.
std::optional<reply> refuse_texts(const incoming& request, const step& options);

/// Model lists, versions and the like.
reply probe_reply(const incoming& request, const std::vector<std::string>& models);

/// JSON as text. Invalid UTF-8 is replaced, never thrown at.
std::string dump(const nlohmann::ordered_json& value, int indent = -1);

/// RFC 3339 and RFC 9110 dates.
std::string rfc3339_now();
std::string http_date(double seconds_from_now);

} // namespace magna::simulator
