#include <magna/providers/errors/error_words.hpp>

#include <algorithm>
#include <iterator>
#include <span>

namespace magna {

namespace {

/// Codes, types and statuses that settle what happened, whatever the words.
constexpr code_meaning code_meanings[] = {
  // OpenAI, and servers that are compatible with it
  {"invalid_api_key", errc::authentication_failed},
  {"authentication_error", errc::authentication_failed},
  {"account_deactivated", errc::authentication_failed},
  {"invalid_organization", errc::authentication_failed},
  {"ip_not_authorized", errc::authentication_failed},
  {"unsupported_country_region_territory", errc::authentication_failed},
  {"rate_limit_exceeded", errc::rate_limited},
  {"rate_limit_error", errc::rate_limited},
  {"slow_down", errc::rate_limited},
  {"model_not_found", errc::model_not_found},
  {"model_not_available", errc::model_not_found},
  {"model_decommissioned", errc::model_not_found},
  {"deploymentnotfound", errc::model_not_found},
  {"context_length_exceeded", errc::context_length_exceeded},
  {"exceed_context_size_error", errc::context_length_exceeded},
  {"model_max_prompt_tokens_exceeded", errc::context_length_exceeded},
  {"invalid_prompt", errc::content_filtered},
  {"content_policy_violation", errc::content_filtered},
  {"content_filter", errc::content_filtered},
  {"content_filtered", errc::content_filtered},
  {"moderation_blocked", errc::content_filtered},
  {"data_inspection_failed", errc::content_filtered},
  {"prohibited_content", errc::content_filtered},
  {"bio_policy", errc::content_filtered},
  {"misalignment_policy_violation", errc::content_filtered},
  {"responsibleaipolicyviolation", errc::content_filtered},
  {"server_is_overloaded", errc::provider_unavailable},
  {"service_unavailable_error", errc::provider_unavailable},
  {"unavailable_error", errc::provider_unavailable},
  {"overloaded", errc::provider_unavailable},
  {"overloaded_error", errc::provider_unavailable},
  {"timeout_error", errc::timeout},
  {"request_timeout", errc::timeout},
  // The model's own failure: the next answer may be better.
  {"tool_use_failed", errc::provider_error},
  {"json_validate_failed", errc::provider_error},
  // Gemini: google.rpc.Code and ErrorInfo.reason
  {"resource_exhausted", errc::rate_limited},
  {"unavailable", errc::provider_unavailable},
  {"deadline_exceeded", errc::timeout},
  {"unauthenticated", errc::authentication_failed},
  {"api_key_invalid", errc::authentication_failed},
  {"api_key_expired", errc::authentication_failed},
  {"api_key_service_blocked", errc::authentication_failed},
  // AWS
  {"throttlingexception", errc::rate_limited},
  {"modelnotreadyexception", errc::provider_unavailable},
  {"modeltimeoutexception", errc::timeout},
  {"unrecognizedclientexception", errc::authentication_failed},
  {"expiredtokenexception", errc::authentication_failed},
};

/// Codes that are as good as the HTTP status: words say more.
constexpr code_meaning general_meanings[] = {
  {"permission_error", errc::authentication_failed},
  {"permission_denied", errc::authentication_failed},
  {"accessdeniedexception", errc::authentication_failed},
  {"unsupported_parameter", errc::invalid_request},
  {"unsupported_value", errc::invalid_request},
  {"not_supported_error", errc::invalid_request},
  {"failed_precondition", errc::invalid_request},
  {"out_of_range", errc::invalid_request},
  {"validationexception", errc::invalid_request},
  {"not_found", errc::model_not_found},
  {"server_error", errc::provider_unavailable},
  {"internal_server_error", errc::provider_unavailable},
  {"internal", errc::provider_unavailable},
  {"aborted", errc::provider_unavailable},
  // A server that says so has cancelled by itself: nobody here did.
  {"cancelled", errc::provider_error},
};

constexpr std::string_view money_codes[] = {
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "organization_usage_limit_exceeded",
  "billing_hard_limit_reached",
  "billing_not_active",
  "billing_error",
  "arrearage",
  "enforced_spend_limit_reached",
  "contract_spend_limit_reached",
  "linked_organization_spend_limit_reached",
  "linked_organization_billing_unavailable",
  "organization_on_hold",
};

constexpr std::string_view key_codes[] = {
  "invalid_api_key",
  "authentication_error",
  "account_deactivated",
  "unauthenticated",
  "api_key_invalid",
  "api_key_expired",
  "api_key_service_blocked",
  "invalid_authentication_error",
  "incorrect_api_key",
  "invalid_authentication",
  "unrecognizedclientexception",
  "expiredtokenexception",
};

/// What several providers say, or those that speak another's dialect. The first that fits counts, so that narrow ones
/// stand before wide ones.
constexpr phrase_meaning phrases[] = {
  // Too fast. Before the length of conversations: "request too large ... on tokens per min" is a pace.
  {verdict::too_fast, "tokens per min"},
  {verdict::too_fast, "requests per min"},
  {verdict::too_fast, "rate limit"},
  {verdict::too_fast, "too many requests"},
  {verdict::too_fast, "request rate"},
  {verdict::too_fast, "concurrency limit"},
  // Money.
  {verdict::no_money, "credit balance is too low"},
  {verdict::no_money, "api usage limits"},
  {verdict::no_money, "insufficient balance"},
  {verdict::no_money, "insufficient credit"},
  {verdict::no_money, "insufficient funds"},
  {verdict::no_money, "requires more credits"},
  {verdict::no_money, "used all available credits"},
  {verdict::no_money, "out of credits"},
  {verdict::no_money, "no credits"},
  {verdict::no_money, "spending limit"},
  {verdict::no_money, "spend limit"},
  {verdict::no_money, "billing hard limit"},
  {verdict::no_money, "account is overdue"},
  {verdict::no_money, "check your billing"},
  {verdict::no_money,
   "\xE4\xBD\x99\xE9\xA2\x9D\xE4\xB8\x8D\xE8\xB6\xB3"}, // "balance is insufficient", in Chinese
  // Too long.
  {verdict::too_long, "maximum context length"},
  {verdict::too_long, "maximum prompt length"},
  {verdict::too_long, "maximum input length"},
  {verdict::too_long, "context window"},
  {verdict::too_long, "context length is only"},
  {verdict::too_long, "longer than the context length"},
  {verdict::too_long, "exceeds the context length"},
  {verdict::too_long, "exceed", "context limit"},
  {verdict::too_long, "exceed", "context length"},
  {verdict::too_long, "exceed", "context size"},
  {verdict::too_long, "context size", "exceeded"},
  {verdict::too_long, "context length exceeded"},
  {verdict::too_long, "exceed the configured limit"},
  {verdict::too_long, "exceeded model token limit"},
  {verdict::too_long, "exceeds the model's max"},
  {verdict::too_long, "exceed_context_size_error"},
  {verdict::too_long, "configured context size is"},
  {verdict::too_long, "input length exceeds"},
  {verdict::too_long, "input tokens exceed"},
  {verdict::too_long, "input length should be"},
  {verdict::too_long, "input is too long"},
  {verdict::too_long, "prompt is too long"},
  {verdict::too_long, "prompt too long"},
  {verdict::too_long, "token count", "exceeds"},
  {verdict::too_long, "reduce the length of the messages"},
  {verdict::too_long, "inputs` tokens", "must be <="},
  {verdict::too_long, "inputs tokens", "must be <="},
  // Content.
  {verdict::content, "flagged as potentially violating"},
  {verdict::content, "input was flagged"},
  {verdict::content, "requires moderation"},
  {verdict::content, "content management policy"},
  {verdict::content, "content_policy"},
  {verdict::content, "content policy"},
  {verdict::content, "content filter"},
  {verdict::content, "content exists risk"},
  {verdict::content, "inappropriate content"},
  {verdict::content, "sensitive content"},
  {verdict::content, "sensitive information"},
  {verdict::content, "usage polic"},
  {verdict::content, "safety system"},
  {verdict::content, "safety polic"},
  {verdict::content, "prohibited content"},
  // What the account, or the place it is asked from, may not do. Before keys: "your API key does not have permission".
  {verdict::not_allowed, "location is not supported"},
  {verdict::not_allowed, "country, region, or territory not supported"},
  {verdict::not_allowed, "not available in your country"},
  {verdict::not_allowed, "not available in your region"},
  {verdict::not_allowed, "not supported in your region"},
  {verdict::not_allowed, "multiple authentication credentials"},
  {verdict::not_allowed, "does not have permission"},
  {verdict::not_allowed, "do not have permission"},
  {verdict::not_allowed, "has not been used in project"},
  {verdict::not_allowed, "organization has been disabled"},
  // The model is missing. Not where only some that serve it can do less.
  {verdict::incapable, "no endpoints found that support"},
  {verdict::no_model, "invalid model name"},
  {verdict::no_model, "invalid model:"},
  {verdict::no_model, "invalid model id"},
  {verdict::no_model, "invalid model specified"},
  {verdict::no_model, "unknown model"},
  {verdict::no_model, "no such model"},
  {verdict::no_model, "not a valid model id"},
  {verdict::no_model, "model not exist"},
  {verdict::no_model, "no endpoints found"},
  {verdict::no_model, "no allowed providers are available"},
  {verdict::no_model, "does not have access to model"},
  {verdict::no_model, "do not have access to the model"},
  {verdict::no_model, "no access to model"},
  {verdict::no_model, "requested model is not supported"},
  {verdict::no_model, "model is not supported"},
  {verdict::no_model, "model", "not found"},
  {verdict::no_model, "model", "does not exist"},
  {verdict::no_model, "model", "no longer available"},
  {verdict::no_model, "model", "no longer supported"},
  {verdict::no_model, "model", "decommissioned"},
  {verdict::no_model, "model", "has been retired"},
  {verdict::no_model, "model", "is not available for"},
  {verdict::no_model, "model", "not enabled for"},
  {verdict::no_model, "deployment", "does not exist"},
  // What the model, or the provider, can't do.
  {verdict::incapable, "does not support tool"},
  {verdict::incapable, "does not support function calling"},
  {verdict::incapable, "does not support image"},
  {verdict::incapable, "does not support vision"},
  {verdict::incapable, "does not support chat"},
  {verdict::incapable, "does not support structured output"},
  {verdict::incapable, "does not support output format"},
  {verdict::incapable, "does not support response_format"},
  {verdict::incapable, "does not support response format"},
  {verdict::incapable, "does not support streaming"},
  {verdict::incapable, "does not support system"},
  {verdict::incapable, "does not support this tool_choice"},
  {verdict::incapable, "does not support assistant message prefill"},
  {verdict::incapable, "does not support multimodal"},
  {verdict::incapable, "does not support input"},
  {verdict::incapable, "developer instruction is not enabled"},
  {verdict::incapable, "image input is not supported"},
  {verdict::incapable, "image input", "not supported"},
  {verdict::incapable, "not a multimodal model"},
  {verdict::incapable, "is only supported by certain models"},
  {verdict::incapable, "function calling is not"},
  {verdict::incapable, "function calling with a response mime type"},
  {verdict::incapable, "function tools with reasoning_effort are not supported"},
  {verdict::incapable, "tools are not supported"},
  {verdict::incapable, "tools is not supported"},
  {verdict::incapable, "tool use is not supported"},
  {verdict::incapable, "tool use with function calling is unsupported"},
  {verdict::incapable, "tool choice requires"}, // vLLM, without its flags for tools
  {verdict::incapable, "must be verified to"},
  {verdict::incapable, "forces tool use is not compatible"},
  {verdict::incapable, "and \"any\" are not supported"},
  {verdict::incapable, "json mode is not"},
  {verdict::incapable, "response_format", "not supported"},
  {verdict::incapable, "response_format", "unavailable"},
  {verdict::incapable, "invalid schema for"},
  {verdict::incapable, "invalid json schema"},
  {verdict::incapable, "invalid json payload received. unknown name", "schema"},
  {verdict::incapable, "output_config.format.schema"},
  {verdict::incapable, "tools", "input_schema"},
  // The model's own failure.
  {verdict::failed, "tool call validation failed"},
  {verdict::failed, "failed to call a function"},
  {verdict::failed, "failed to generate json"},
  {verdict::failed, "failed to parse tool call"},
  // Busy, or late.
  {verdict::late, "timed out waiting"},
  {verdict::late, "request timed out"},
  {verdict::busy, "overloaded"},
  {verdict::busy, "high demand"},
  {verdict::busy, "server busy"},
  {verdict::busy, "server is busy"},
  {verdict::busy, "loading model"},
  {verdict::busy, "is currently loading"},
  {verdict::busy, "capacity exceeded"},
  {verdict::busy, "no healthy upstream"},
};

/// Words that make an authentication error one of the key.
constexpr std::string_view key_words[] = {
  "api key",      "api_key",      "api-key",        "apikey",         "credential",
  "access token", "bearer token", "authenticat",    "authoriz",       "auth token",
  "auth header",  "no auth",      "user not found", "security token", "no cookie auth",
};

/// On top of them, for a 403, where "your API key" may as well be one that is fine.
constexpr std::string_view key_faults[] = {
  "invalid", "not valid",    "expired", "revoked",   "disabled",  "leaked", "incorrect",
  "missing", "unregistered", "deleted", "suspended", "not found", "wrong",  "malformed",
};

constexpr std::string_view money_words[] = {
  "billing",
  "credit",
  "insufficient balance",
  "payment required",
};

template <class Range>
bool any_in(std::string_view text, const Range& words) noexcept {
  return std::any_of(std::begin(words), std::end(words),
                     [text](std::string_view x) { return text.find(x) != std::string_view::npos; });
}

bool is_said(const phrase_meaning& x, std::string_view message) noexcept {
  const auto at = message.find(x.phrase);
  return at != std::string_view::npos
         && (x.then.empty() || message.find(x.then, at + x.phrase.size()) != std::string_view::npos);
}

/// What the status makes impossible, or says better itself.
bool fits(verdict what, int status) noexcept {
  if (status < 300)
    return true;
  const bool is_refusal = status >= 400 && status < 500 && status != 429;
  switch (what) {
    case verdict::too_long:
    case verdict::no_model:
      return is_refusal && status != 401;
    case verdict::no_money:
    case verdict::content:
      return status < 500;
    case verdict::incapable:
      // llama.cpp says with a 500 that it has no eyes.
      return (is_refusal && status != 401) || status == 500 || status == 501;
    case verdict::bad_key:
    case verdict::not_allowed:
      return status == 400 || status == 401 || status == 403 || status == 451;
    case verdict::failed:
      return status == 400 || status == 422 || status == 500;
    case verdict::too_fast:
    case verdict::busy:
    case verdict::late:
      return status == 400 || status == 403 || status >= 500;
  }
  return false;
}

std::optional<errc> look_up(std::span<const code_meaning> table, std::string_view code) {
  const auto found = std::ranges::find(table, code, &code_meaning::code);
  return found == table.end() ? std::nullopt : std::optional{found->meaning};
}

} // namespace

errc errc_of(verdict what) noexcept {
  switch (what) {
    case verdict::too_long:
      return errc::context_length_exceeded;
    case verdict::no_model:
      return errc::model_not_found;
    case verdict::no_money:
    case verdict::too_fast:
      return errc::rate_limited;
    case verdict::incapable:
      return errc::invalid_request;
    case verdict::content:
      return errc::content_filtered;
    case verdict::bad_key:
    case verdict::not_allowed:
      return errc::authentication_failed;
    case verdict::busy:
      return errc::provider_unavailable;
    case verdict::late:
      return errc::timeout;
    case verdict::failed:
      return errc::provider_error;
  }
  return errc::provider_error;
}

std::optional<errc> meaning_of_code(const error_dialect& dialect, std::string_view code) {
  if (const auto own = look_up(dialect.codes, code))
    return own;
  return look_up(code_meanings, code);
}

std::optional<errc> meaning_of_general_code(std::string_view code) {
  return look_up(general_meanings, code);
}

bool is_money_code(std::string_view code) noexcept {
  return std::ranges::find(money_codes, code) != std::end(money_codes);
}

bool is_key_code(std::string_view code) noexcept {
  return std::ranges::find(key_codes, code) != std::end(key_codes);
}

std::optional<verdict> meaning_of_words(const error_dialect& dialect, std::string_view message, int status) {
  const auto is_meant = [message, status](const phrase_meaning& x) {
    return fits(x.means, status) && is_said(x, message);
  };
  if (const auto own = std::ranges::find_if(dialect.phrases, is_meant); own != dialect.phrases.end())
    return own->means;
  if (const auto* common = std::ranges::find_if(phrases, is_meant); common != std::end(phrases))
    return common->means;
  // 400, too, is what Google says to a bad key.
  if ((status < 300 || status == 400 || status == 401 || status == 403) && is_about_key(message, status))
    return verdict::bad_key;
  return std::nullopt;
}

bool is_about_key(std::string_view message, int status) noexcept {
  if (!any_in(message, key_words))
    return false;
  return status == 401 || any_in(message, key_faults);
}

bool is_about_money(std::string_view message) noexcept {
  return any_in(message, money_words);
}

} // namespace magna
