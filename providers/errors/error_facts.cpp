#include <magna/providers/errors/error_facts.hpp>

#include <magna/providers/errors/retry_delay.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/number.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace {

using nlohmann::json;

/// A longer message is cut: some echo the whole prompt.
constexpr std::size_t max_message = 2000;

/// How deep JSON inside the strings of JSON is followed.
constexpr int max_nesting = 3;

const json* member(const json& object, const char* name) {
  if (!object.is_object())
    return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string string_member(const json& object, const char* name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string{};
}

/// Empty values mean no error, as they do to the providers' own clients.
bool truthy(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
    case json::value_t::discarded:
      return false;
    case json::value_t::boolean:
      return value.get<bool>();
    case json::value_t::string:
      return !value.get_ref<const std::string&>().empty();
    case json::value_t::object:
    case json::value_t::array:
      return !value.empty();
    default:
      return value != 0;
  }
}

void read_code(error_facts& facts, const json& value) {
  if (value.is_number_integer()) {
    // Bigger ones are codes of the provider's own.
    const auto number = value.get<std::int64_t>();
    if (number > 0 && number < 1000)
      facts.number = static_cast<int>(number);
    else if (number != 0)
      facts.code = std::to_string(number);
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto number = parse_number<int>(text);
    if (number && *number > 0 && *number < 1000)
      facts.number = *number;
    // AWS: "com.amazon.coral.service#ThrottlingException".
    else
      facts.code = text.substr(text.find('#') + 1);
  }
}

/// What a router tells of the provider behind it: OpenRouter's error.metadata.
void read_metadata(error_facts& facts, const json& metadata, int nesting);

/// google.rpc.Status.details: RetryInfo, ErrorInfo, QuotaFailure.
void read_detail(error_facts& facts, const json& detail) {
  if (const auto delay = parse_duration(string_member(detail, "retryDelay")))
    facts.retry_delay = delay;
  if (auto reason = string_member(detail, "reason"); !reason.empty())
    facts.reasons.push_back(std::move(reason));
  if (const auto* metadata = member(detail, "metadata"); metadata != nullptr && !facts.retry_delay)
    facts.retry_delay = parse_duration(string_member(*metadata, "quotaResetDelay"));
  const auto* violations = member(detail, "violations");
  if (violations == nullptr || !violations->is_array())
    return;
  for (const auto& violation : *violations) {
    const auto limit = string_member(violation, "quotaValue");
    if (string_member(violation, "quotaId").find("PerDay") != std::string::npos || limit == "0")
      facts.daily_quota = true;
  }
}

/// FastAPI: {"detail": [{"loc": ["body", "seed"], "msg": "...", "type": "extra_forbidden"}]}
void read_validation(error_facts& facts, const json& first) {
  facts.message = string_member(first, "msg");
  facts.code = string_member(first, "type");
  if (const auto* place = member(first, "loc"); place != nullptr && place->is_array() && !place->empty()) {
    if (place->back().is_string())
      facts.param = place->back().get<std::string>();
    if (!facts.param.empty())
      facts.message += " (" + facts.param + ")";
  }
}

std::optional<error_facts> find(const json& value, int nesting);

error_facts read(const json& error, int nesting) {
  error_facts facts;
  if (error.is_string()) {
    facts.message = error.get<std::string>();
  } else if (error.is_object()) {
    for (const auto* name : {"message", "msg", "detail", "error_description", "title", "Message",
                             "error_message", "status_msg", "error"})
      if (facts.message.empty())
        facts.message = string_member(error, name);
    facts.type = string_member(error, "type");
    facts.param = string_member(error, "param");
    for (const auto* name : {"code", "status_code", "error_code", "__type"})
      if (const auto* code = member(error, name); code != nullptr && facts.code.empty())
        read_code(facts, *code);
    if (facts.code.empty())
      facts.code = string_member(error, "status");
    if (const auto* details = member(error, "details"); details != nullptr && details->is_array())
      for (const auto& detail : *details)
        read_detail(facts, detail);
    else if (details != nullptr)
      if (auto code = string_member(*details, "error_code"); !code.empty())
        facts.reasons.push_back(std::move(code));
    if (const auto* inner = member(error, "innererror"))
      if (auto code = string_member(*inner, "code"); !code.empty())
        facts.reasons.push_back(std::move(code));
    if (const auto* metadata = member(error, "metadata"))
      read_metadata(facts, *metadata, nesting);
    if (const auto* detail = member(error, "detail");
        detail != nullptr && detail->is_array() && !detail->empty())
      read_validation(facts, detail->front());
  }
  // Ollama hands on what its runner said, as a string.
  if (nesting < max_nesting && facts.message.starts_with('{'))
    if (const auto inner = parse_json(facts.message))
      if (auto nested = find(inner->value, nesting + 1); nested && !nested->message.empty())
        return *nested;
  return facts;
}

void read_metadata(error_facts& facts, const json& metadata, int nesting) {
  if (const auto* reasons = member(metadata, "reasons"); reasons != nullptr && truthy(*reasons))
    facts.reasons.emplace_back("moderation_blocked");
  if (const auto* headers = member(metadata, "headers"))
    if (const auto reset = parse_number<std::int64_t>(string_member(*headers, "X-RateLimit-Reset")))
      // The moment in milliseconds; a count of seconds would be one long ago.
      facts.retry_at = std::chrono::system_clock::time_point{std::chrono::milliseconds{*reset}};
  auto raw = string_member(metadata, "raw");
  if (raw.empty() || nesting >= max_nesting)
    return;
  if (const auto inner = raw.starts_with('{') ? parse_json(raw) : std::nullopt) {
    auto said = find(inner->value, nesting + 1);
    if (!said)
      said = read(inner->value, nesting + 1);
    raw = std::move(said->message);
    facts.reasons.insert(facts.reasons.end(), said->reasons.begin(), said->reasons.end());
    for (auto* code : {&said->code, &said->type})
      if (!code->empty())
        facts.reasons.push_back(std::move(*code));
  }
  if (!raw.empty())
    facts.message += (facts.message.empty() ? "" : ": ") + raw;
}

/// Says itself that it is no success: {"success": false}, or MiniMax's base_resp.
const json* find_failure(const json& value) {
  const auto* outcome = member(value, "base_resp");
  if (const auto* code = outcome != nullptr ? member(*outcome, "status_code") : nullptr;
      code != nullptr && code->is_number() && *code != 0)
    return outcome;
  const auto* success = member(value, "success");
  if (success == nullptr || *success != false)
    return nullptr;
  const auto* errors = member(value, "errors");
  return errors != nullptr && errors->is_array() && !errors->empty() && errors->front().is_object()
           ? &errors->front()
           : &value;
}

std::optional<error_facts> find(const json& value, int nesting) {
  if (value.is_array())
    return value.empty() || nesting >= max_nesting ? std::nullopt : find(value.front(), nesting + 1);
  if (!value.is_object())
    return std::nullopt;
  if (const auto* error = member(value, "error"); error != nullptr && truthy(*error)) {
    // A list of texts, or of errors.
    auto facts = read(error->is_array() ? error->front() : *error, nesting);
    // xAI has its code beside the text.
    if (const auto* code = member(value, "code"); code != nullptr && error->is_string())
      read_code(facts, *code);
    if (const auto url = string_member(value, "signin_url"); !url.empty())
      facts.message += " (sign in at " + url + ")";
    return facts;
  }
  if (const auto* failure = find_failure(value))
    return read(*failure, nesting);
  if (string_member(value, "object") == "error" || string_member(value, "type") == "error")
    return read(value, nesting);
  return std::nullopt;
}

void tidy(error_facts& facts, bool has_halves) {
  if (has_halves)
    facts.message = plain_text(facts.message, true);
  if (facts.message.size() > max_message) {
    facts.message.resize(max_message);
    facts.message.resize(valid_utf8_prefix(facts.message));
    facts.message += "...";
  }
}

} // namespace

std::optional<error_facts> find_error(const json& value, bool has_halves) {
  auto facts = find(value, 0);
  if (facts)
    tidy(*facts, has_halves);
  return facts;
}

error_facts read_error_body(std::string_view body) {
  const auto document = parse_json(body);
  if (!document || !(document->value.is_object() || document->value.is_array())) {
    error_facts facts;
    facts.message = summarize_text(body);
    return facts;
  }
  if (auto facts = find_error(document->value, document->has_halves))
    return *facts;
  auto facts = read(document->value, 0);
  tidy(facts, document->has_halves);
  return facts;
}

bool looks_like_html(std::string_view body) noexcept {
  return trim(body).starts_with('<');
}

std::string summarize_text(std::string_view body) {
  static constexpr std::size_t max_summary = 200;
  body = trim(body.substr(0, std::size_t{64} << 10));
  if (looks_like_html(body)) {
    const auto lower = to_lower(body);
    const auto title = lower.find("<title");
    const auto start = lower.find('>', title == std::string::npos ? lower.size() : title);
    if (start == std::string::npos)
      return "an HTML page";
    const auto text = trim(body.substr(start + 1, lower.find('<', start) - start - 1));
    return text.empty() ? "an HTML page" : "an HTML page: " + summarize_text(text);
  }
  std::string result;
  append_valid_utf8(result, body);
  for (auto& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      c = ' ';
  if (result.size() > max_summary) {
    result.resize(max_summary);
    result.resize(valid_utf8_prefix(result));
    result += "...";
  }
  return result;
}

} // namespace magna
