#include <magna/providers/errors/error_mapping.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include <magna/providers/errors/error_words.hpp>
#include <magna/providers/errors/retry_delay.hpp>
#include <magna/text/ascii.hpp>

namespace magna {

namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> phrases) noexcept {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view x) { return text.find(x) != std::string_view::npos; });
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
      && !contains_any(
        lower, {"unsupported parameter", "unsupported value", "not supported", "is unsupported",
                "is only enabled when", "does not support", "unrecognized request argument", "unknown name",
                "unknown parameter", "unexpected keyword", "not permitted", "is deprecated for this model",
                "cannot both be specified", "incompatible request argument",
                // A value that this model does not have.
                "is too large", "too long", "supports at most", "maximum allowed", "valid range",
                "supported range", "supported values", "must be less than or equal", "must be at most",
                "is not a supported", "allowed values"}))
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

/// Codes, types and reasons of an error, in lower case, the most precise ones first.
std::vector<std::string> codes_of(const error_facts& facts) {
  std::vector<std::string> result;
  result.reserve(facts.reasons.size() + 2);
  // A reason is more precise than the status beside it.
  for (const auto& reason : facts.reasons)
    result.push_back(to_lower(reason));
  for (const auto* code : {&facts.code, &facts.type})
    if (!code->empty())
      result.push_back(to_lower(*code));
  return result;
}

struct judgement {
  errc error = errc::provider_error;
  /// By the words, where they have decided.
  std::optional<verdict> said;
  /// By nothing but the status.
  bool by_status = false;
};

/// By the provider's own code first, its words second, what is as general as the HTTP status last. `message` in lower
/// case.
judgement judge(const error_dialect& dialect, const std::vector<std::string>& codes, std::string_view message,
                int status) {
  if (std::ranges::any_of(codes, is_money_code))
    return {errc::rate_limited, verdict::no_money};
  for (const auto& code : codes)
    if (const auto meaning = meaning_of_code(dialect, code))
      return {*meaning, std::nullopt};
  if (const auto said = meaning_of_words(dialect, message, status))
    return {errc_of(*said), said};
  for (const auto& code : codes)
    if (const auto meaning = meaning_of_general_code(code)) {
      // "server_error" is all that some say beside a status of 408 or 504, which says more.
      const bool is_late =
        *meaning == errc::provider_unavailable && errc_from_status(status) == errc::timeout;
      return {is_late ? errc::timeout : *meaning, std::nullopt};
    }
  if (status < 300)
    return {dialect.in_stream.value_or(errc::provider_error), std::nullopt};
  return {errc_from_status(status), std::nullopt, true};
}

/// A page comes from whoever stands between us and the provider, and says nothing of the key or the request.
bool is_gatekeepers(int status) noexcept {
  return status >= 400 && status < 500 && status != 404 && status != 408 && status != 429;
}

} // namespace

errc errc_from_status(int status) noexcept {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 411:
    case 413:
    case 414:
    case 415:
    case 422:
    case 431:
      return errc::invalid_request;
    case 401:
    case 403:
    case 451:
      return errc::authentication_failed;
    case 402:
    case 429:
    // Groq: no capacity for this tier.
    case 498:
      return errc::rate_limited;
    case 404:
    case 410:
      return errc::model_not_found;
    case 408:
    case 504:
      return errc::timeout;
    case 407:
    case 409:
    case 421:
    case 425:
      return errc::provider_unavailable;
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
  const auto codes = codes_of(facts);
  const auto [error, said, by_status] = judge(about.errors, codes, message, status);
  response_error result;
  result.http_status = head.status;
  result.code = error;
  result.unproven = by_status && error == errc::model_not_found;
  result.message = !facts.message.empty() ? facts.message
                   : !facts.code.empty()  ? facts.code
                   : !facts.type.empty()
                     ? facts.type
                     : "HTTP status " + std::to_string(status) + " without an explanation";
  if (const auto delay = in_stream ? std::nullopt : retry_delay_from_headers(head, now))
    result.retry_after = delay;
  else if (facts.retry_delay)
    result.retry_after = facts.retry_delay;
  else if (facts.retry_at && *facts.retry_at > now)
    result.retry_after = std::chrono::ceil<std::chrono::milliseconds>(*facts.retry_at - now);
  else if (result.code == errc::rate_limited || result.code == errc::provider_unavailable)
    result.retry_after = retry_delay_from_prose(facts.message);
  if (!in_stream)
    result.should_retry = should_retry_from_headers(head);
  if (result.code == errc::rate_limited
      && (said == verdict::no_money || facts.daily_quota || status == 402
          || message.find("request too large") != std::string::npos
          || (is_about_money(message) && !result.retry_after)))
    result.should_retry = false;
  if (result.code == errc::authentication_failed)
    result.key_refused = said == verdict::bad_key || std::ranges::any_of(codes, is_key_code)
                         || (!said && is_about_key(message, status));
  if (result.code == errc::invalid_request) {
    if (const auto* fault = fault_of_history(about.errors, message)) {
      result.refused_parameter = fault->name;
      result.refused_once = !fault->is_lasting;
    } else {
      result.refused_parameter = refused_parameter(about.errors, facts, status);
    }
    result.unsupported = result.refused_parameter.empty() && said == verdict::incapable;
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
  if (is_page) {
    result.message = status + " with " + words;
    if (is_gatekeepers(head.status))
      result.code = errc::provider_unavailable;
  } else if (trim(body).empty()) {
    result.message = status + " with an empty body";
    // All that some say of a prompt that is too long.
    if (head.status == 413)
      result.code = errc::context_length_exceeded;
  }
  if (head.status >= 300 && head.status < 400)
    result.message = status + ", a redirect to " + std::string{head.header("location")} + ", is not followed";
  else if (head.status == 404 && !trim(body).starts_with('{'))
    result.message += " (is the base URL right?)";
  return result;
}

} // namespace magna
