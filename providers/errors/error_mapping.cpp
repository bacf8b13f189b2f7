#include <magna/providers/errors/error_mapping.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include <magna/providers/errors/retry_delay.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

/// Codes, types and statuses that settle what happened. General ones (invalid_request_error,
/// INVALID_ARGUMENT, api_error, ...) are left out on purpose: the message or the HTTP status says more.
constexpr code_meaning code_meanings[] = {
  // OpenAI, and servers that are compatible with it
  {"invalid_api_key", errc::authentication_failed},
  {"authentication_error", errc::authentication_failed},
  {"permission_error", errc::authentication_failed},
  {"account_deactivated", errc::authentication_failed},
  {"invalid_organization", errc::authentication_failed},
  {"ip_not_authorized", errc::authentication_failed},
  {"unsupported_country_region_territory", errc::authentication_failed},
  {"rate_limit_exceeded", errc::rate_limited},
  {"rate_limit_error", errc::rate_limited},
  {"slow_down", errc::rate_limited},
  {"model_not_found", errc::model_not_found},
  {"deploymentnotfound", errc::model_not_found},
  {"context_length_exceeded", errc::context_length_exceeded},
  {"exceed_context_size_error", errc::context_length_exceeded},
  {"invalid_prompt", errc::content_filtered},
  {"content_policy_violation", errc::content_filtered},
  {"content_filter", errc::content_filtered},
  {"prohibited_content", errc::content_filtered},
  {"responsibleaipolicyviolation", errc::content_filtered},
  {"unsupported_parameter", errc::invalid_request},
  {"unsupported_value", errc::invalid_request},
  {"not_supported_error", errc::invalid_request},
  {"server_error", errc::provider_unavailable},
  {"internal_server_error", errc::provider_unavailable},
  {"server_is_overloaded", errc::provider_unavailable},
  {"service_unavailable_error", errc::provider_unavailable},
  {"unavailable_error", errc::provider_unavailable},
  {"overloaded", errc::provider_unavailable},
  {"overloaded_error", errc::provider_unavailable},
  {"timeout_error", errc::timeout},
  {"request_timeout", errc::timeout},
  // Gemini: google.rpc.Code and ErrorInfo.reason
  {"resource_exhausted", errc::rate_limited},
  {"unavailable", errc::provider_unavailable},
  {"internal", errc::provider_unavailable},
  {"aborted", errc::provider_unavailable},
  {"deadline_exceeded", errc::timeout},
  {"unauthenticated", errc::authentication_failed},
  {"permission_denied", errc::authentication_failed},
  {"api_key_invalid", errc::authentication_failed},
  {"api_key_expired", errc::authentication_failed},
  {"api_key_service_blocked", errc::authentication_failed},
  {"not_found", errc::model_not_found},
  {"failed_precondition", errc::invalid_request},
  {"out_of_range", errc::invalid_request},
  {"cancelled", errc::cancelled},
};

/// Money or a budget is used up: waiting does not help.
constexpr std::string_view exhausted_codes[] = {
  "insufficient_quota",           "credit_balance_exhausted",          "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
  "billing_not_active",
};

constexpr std::string_view exhausted_phrases[] = {
  "billing",
  "credit balance",
  "insufficient balance",
};

bool contains_any(std::string_view text, std::initializer_list<std::string_view> phrases) noexcept {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view x) { return text.find(x) != std::string_view::npos; });
}

std::optional<errc> meaning_of_code(const error_dialect& dialect, std::string_view code) {
  const auto lower = to_lower(code);
  const auto is_meant = [&lower](const code_meaning& x) { return x.code == lower; };
  if (const auto own = std::ranges::find_if(dialect.codes, is_meant); own != dialect.codes.end())
    return own->meaning;
  if (const auto* common = std::ranges::find_if(code_meanings, is_meant); common != std::end(code_meanings))
    return common->meaning;
  return std::nullopt;
}

/// `message` in lower case; `status` is 2xx for an error inside a stream.
std::optional<errc> meaning_of_message(const error_dialect& dialect, std::string_view message,
                                       int status) noexcept {
  if (contains_any(message, {"maximum context length", "context window", "exceed the configured limit",
                             "longer than the context length", "exceeds the available context size",
                             "exceed_context_size_error", "input length exceeds", "prompt is too long"})
      || (message.find("token count") != std::string_view::npos
          && message.find("exceeds") != std::string_view::npos))
    return errc::context_length_exceeded;
  const bool in_stream = status < 300;
  if ((status == 400 || status == 401 || status == 403 || in_stream)
      && contains_any(message, {"api key", "api_key", "authentication credential"}))
    return errc::authentication_failed;
  if (contains_any(message, {"flagged as potentially violating", "content management policy",
                             "content_policy", "safety system"}))
    return errc::content_filtered;
  // Anthropic says so with a 400; another provider has money of its own.
  if ((status == 400 || in_stream) && contains_any(message, {"credit balance is too low"}))
    return errc::rate_limited;
  const auto model = message.find("model");
  if ((status == 400 || status == 404 || in_stream) && model != std::string_view::npos
      && (contains_any(message.substr(model), {"not found", "does not exist", "no longer available"})
          || contains_any(message, {"invalid model name"})))
    return errc::model_not_found;
  if (status < 400 || status >= 500 || status == 400) {
    if (message.find("timed out waiting") != std::string_view::npos)
      return errc::timeout;
    if (contains_any(message, {"overloaded", "high demand", "server busy"}))
      return errc::provider_unavailable;
    if (contains_any(message, {"rate limit", "too many requests"}))
      return errc::rate_limited;
  }
  return in_stream ? dialect.in_stream : std::nullopt;
}

std::optional<int> status_of_type(const error_dialect& dialect, std::string_view type) {
  const auto lower = to_lower(type);
  const auto found =
    std::ranges::find_if(dialect.statuses, [&lower](const type_status& x) { return x.type == lower; });
  return found == dialect.statuses.end() ? std::nullopt : std::optional{found->status};
}

bool is_word(char c) noexcept {
  return is_alnum(c) || c == '_';
}

bool is_quote(char c) noexcept {
  return c == '\'' || c == '"' || c == '`';
}

/// Where `name` stands alone in `text`. Names that are words of the language must be quoted.
std::size_t find_name(std::string_view text, std::string_view name) noexcept {
  const bool must_be_quoted = name == "stop" || name == "seed";
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const char after = at + name.size() == text.size() ? ' ' : text[at + name.size()];
    if (!is_word(before) && !is_word(after) && (!must_be_quoted || (is_quote(before) && is_quote(after))))
      return at;
  }
  return std::string_view::npos;
}

/// `message` in lower case. Null: there is none.
const history_fault* fault_of_history(const error_dialect& dialect, std::string_view message) noexcept {
  const auto found = std::ranges::find_if(dialect.histories, [message](const history_fault& x) {
    return message.find(x.phrase) != std::string_view::npos;
  });
  return found == dialect.histories.end() ? nullptr : &*found;
}

std::string refused_parameter(const error_dialect& dialect, const error_facts& facts, int status) {
  if (status != 400 && status != 422)
    return {};
  const auto& names = dialect.parameters;
  const auto code = to_lower(facts.code);
  const bool code_says = code == "unsupported_parameter" || code == "unsupported_value"
                         || code == "unknown_parameter" || code == "extra_forbidden";
  if (code_says && !facts.param.empty()) {
    const auto last = std::string_view{facts.param}.substr(facts.param.find_last_of('.') + 1);
    for (const auto& name : names)
      if (name.spelling == last)
        return std::string{name.wire_name};
    return {};
  }
  const auto lower = to_lower(facts.message);
  if (!code_says
      && !contains_any(lower,
                       {"unsupported parameter", "unsupported value", "not supported", "is unsupported",
                        "is only enabled when", "does not support", "unrecognized request argument",
                        "unknown name", "unknown parameter", "unexpected keyword", "not permitted",
                        "is deprecated for this model", "cannot both be specified"}))
    return {};
  // "Unsupported parameter: 'max_tokens' ... Use 'max_completion_tokens' instead": the first one is meant.
  std::size_t first = std::string::npos;
  std::string_view result;
  for (const auto& name : names) {
    if (const auto at = find_name(facts.message, name.spelling); at < first) {
      first = at;
      result = name.wire_name;
    }
  }
  return std::string{result};
}

/// The model can't do what another one may. `message` in lower case.
bool is_unsupported(std::string_view message) noexcept {
  return contains_any(message,
                      {"does not support tools", "does not support function calling",
                       "function calling is not", "tools are not supported", "tool use is not supported",
                       "does not support image", "image input is not supported", "does not support vision",
                       "does not support structured output", "does not support output format",
                       // Anthropic takes only a part of JSON Schema.
                       "output_config.format.schema",
                       // Its newer models: no call that must be made, no beginning to go on with.
                       "forces tool use is not compatible", "and \"any\" are not supported",
                       "does not support assistant message prefill"});
}

bool is_exhausted_code(std::string_view code) {
  const auto lower = to_lower(code);
  return std::find(std::begin(exhausted_codes), std::end(exhausted_codes), lower)
         != std::end(exhausted_codes);
}

errc judge(const error_dialect& dialect, const error_facts& facts, std::string_view message, int status) {
  if (is_exhausted_code(facts.code) || is_exhausted_code(facts.type))
    return errc::rate_limited;
  // A reason of Gemini's is more precise than its status.
  for (const auto& reason : facts.reasons)
    if (const auto meaning = meaning_of_code(dialect, reason))
      return *meaning;
  for (const auto* code : {&facts.code, &facts.type}) {
    const auto meaning = meaning_of_code(dialect, *code);
    // "server_error" is all that some say beside a status of 408 or 504, which says more.
    if (meaning == errc::provider_unavailable && errc_from_status(status) == errc::timeout)
      return errc::timeout;
    if (meaning)
      return *meaning;
  }
  if (const auto meaning = meaning_of_message(dialect, message, status))
    return *meaning;
  return status < 300 ? errc::provider_error : errc_from_status(status);
}

} // namespace

errc errc_from_status(int status) noexcept {
  switch (status) {
    case 400:
    case 405:
    case 413:
    case 415:
    case 422:
      return errc::invalid_request;
    case 401:
    case 403:
      return errc::authentication_failed;
    case 402:
    case 429:
      return errc::rate_limited;
    case 404:
      return errc::model_not_found;
    case 408:
    case 504:
      return errc::timeout;
    case 409:
      return errc::provider_unavailable;
    case 499:
      return errc::cancelled;
    default:
      return status >= 500 && status < 600 ? errc::provider_unavailable : errc::provider_error;
  }
}

response_error map_error(const protocol_info& about, const http_head& head, const error_facts& facts,
                         std::chrono::system_clock::time_point now) {
  const bool in_stream = head.status < 300;
  const int status = !in_stream            ? head.status
                     : facts.number >= 400 ? facts.number
                                           : status_of_type(about.errors, facts.type).value_or(head.status);
  const auto message = to_lower(facts.message);
  response_error result;
  result.http_status = head.status;
  result.code = judge(about.errors, facts, message, status);
  result.message = !facts.message.empty() ? facts.message
                   : !facts.code.empty()  ? facts.code
                   : !facts.type.empty()
                     ? facts.type
                     : "HTTP status " + std::to_string(status) + " without an explanation";
  if (const auto delay = in_stream ? std::nullopt : retry_delay_from_headers(head, now))
    result.retry_after = delay;
  else if (facts.retry_delay)
    result.retry_after = facts.retry_delay;
  else if (result.code == errc::rate_limited || result.code == errc::provider_unavailable)
    result.retry_after = retry_delay_from_prose(facts.message);
  if (!in_stream)
    result.should_retry = should_retry_from_headers(head);
  if (result.code == errc::rate_limited) {
    const bool says_money =
      std::any_of(std::begin(exhausted_phrases), std::end(exhausted_phrases),
                  [&](auto phrase) { return message.find(phrase) != std::string::npos; });
    if (is_exhausted_code(facts.code) || is_exhausted_code(facts.type) || facts.daily_quota || status == 402
        || message.find("request too large") != std::string::npos || (says_money && !result.retry_after))
      result.should_retry = false;
  }
  if (result.code == errc::invalid_request) {
    if (const auto* fault = fault_of_history(about.errors, message)) {
      result.refused_parameter = fault->name;
      result.refused_once = !fault->is_lasting;
    } else {
      result.refused_parameter = refused_parameter(about.errors, facts, status);
    }
    result.unsupported = result.refused_parameter.empty() && is_unsupported(message);
  }
  return result;
}

response_error map_error_response(const protocol_info& about, const http_head& head, std::string_view body,
                                  std::chrono::system_clock::time_point now) {
  auto facts = read_error_body(body);
  const bool is_page = looks_like_html(body);
  const auto words = is_page ? std::exchange(facts.message, {}) : std::string{};
  auto result = map_error(about, head, facts, now);
  const auto status = "HTTP status " + std::to_string(head.status);
  if (is_page)
    result.message = status + " with " + words;
  else if (trim(body).empty())
    result.message = status + " with an empty body";
  if (head.status >= 300 && head.status < 400)
    result.message = status + ", a redirect to " + std::string{head.header("location")} + ", is not followed";
  else if (head.status == 404 && !trim(body).starts_with('{'))
    result.message += " (is the base URL right?)";
  return result;
}

} // namespace magna
