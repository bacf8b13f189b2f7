#include <magna/actors/settings.hpp>

#include <algorithm>
#include <set>

#include <magna/actors/setting_ranges.hpp>
#include <magna/messages/node_address.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/host.hpp>
#include <magna/text/number.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace ranges = setting_ranges;

parameters default_parameters() {
  parameters result;
  result.temperature = 0.7;
  result.top_p = 0.9;
  result.max_tokens = 2048;
  return result;
}

std::string default_base_url(const provider_kind& kind) {
  const auto* found = find_codec(kind);
  return found != nullptr ? found->about().default_base_url : std::string{};
}

std::string default_model(const provider_kind& kind) {
  const auto* found = find_codec(kind);
  return found != nullptr ? found->about().default_model : std::string{};
}

// -- deadlines
// --------------------------------------------------------------------------------------------------------

namespace {

constexpr milliseconds default_connect_timeout{10'000};

using deadline = std::optional<milliseconds>;

/// The first that is there. Narrow scopes come first, so that a provider's general timeout stands above the
/// specific ones of all providers: who gives a cold local model five minutes means all of its silences.
milliseconds first_of(std::initializer_list<deadline> candidates, milliseconds otherwise) {
  for (const auto& candidate : candidates)
    if (candidate)
      return *candidate;
  return otherwise;
}

} // namespace

attempt_deadlines deadlines_for(const settings& all, const provider_settings& provider, bool stream) {
  const auto& own = provider.timeouts;
  const auto& general = all.timeouts;
  attempt_deadlines result{};
  result.connect = first_of({own.connect, general.connect}, default_connect_timeout);
  if (stream) {
    result.first_token = first_of({own.first_token, provider.timeout, general.first_token}, all.timeout);
    result.idle = first_of({own.idle, provider.timeout, general.idle}, all.timeout);
    result.response_headers = first_of({own.response_headers, own.first_token, provider.timeout,
                                        general.response_headers, general.first_token},
                                       all.timeout);
    result.total = own.total ? own.total : general.total;
  } else {
    // A whole answer shows no tokens, and its headers often come only with it: the total governs all.
    const auto total = first_of({own.total, provider.timeout, general.total}, all.timeout);
    result.total = total;
    result.first_token = total;
    result.idle = total;
    const auto headers_of_all = provider.timeout || own.total ? deadline{} : general.response_headers;
    result.response_headers = first_of({own.response_headers, headers_of_all}, total);
  }
  return result;
}

// -- validation
// -------------------------------------------------------------------------------------------------------

namespace {

bool is_model(std::string_view text) {
  return !text.empty() && text.size() <= 256 && is_utf8(text)
         && std::ranges::none_of(text, [](char c) { return is_control(c) || c == ' '; });
}

/// A key goes into a header as it is.
bool is_key(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_graphic);
}

/// Leaves more to the resolver than `is_host` does, and knows the brackets of IPv6 addresses.
bool is_url_host(std::string_view text) {
  if (text.starts_with('['))
    return text.size() > 2 && text.find_first_not_of("0123456789abcdefABCDEF:.%", 1) == text.size() - 1
           && text.back() == ']';
  return !text.empty() && text.find_first_of("[]:") == std::string_view::npos;
}

bool is_base_url(std::string_view text) {
  if (!std::ranges::all_of(text, is_graphic)
      || text.find_first_of("@?#\"<>\\^`{|}") != std::string_view::npos)
    return false;
  const auto parts = parts_of_url(text);
  return (parts.scheme == "http" || parts.scheme == "https") && is_url_host(parts.host)
         && (!parts.port || parse_port(*parts.port).value_or(0) != 0);
}

/// User, query and fragment of a URL can hold secrets.
std::string url_to_show(std::string url) {
  if (const auto at = url.rfind('@'); at != std::string::npos) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string::npos || scheme > at ? 0 : scheme + 3;
    url.replace(begin, at - begin, "(hidden)");
  }
  if (const auto query = url.find_first_of("?#"); query != std::string::npos)
    url.replace(query + 1, std::string::npos, "(hidden)");
  return url;
}

constexpr std::string_view hidden = "(hidden)";

std::string to_text(double x) {
  return number_text(x);
}

std::string to_text(std::uint32_t x) {
  return std::to_string(x);
}

std::string to_text(milliseconds x) {
  return to_text(static_cast<double>(x.count()) / 1000);
}

/// Collects the errors of one scope: all providers, or one.
class checker {
public:
  checker(std::vector<setting_error>& errors, std::string scope)
    : errors_(errors), scope_(std::move(scope)) {}

  void refuse(std::string_view setting, std::string_view value, std::string_view allowed) {
    errors_.push_back({scope_ + std::string{setting}, std::string{value}, std::string{allowed}});
  }

  template <class T>
  void in_range(std::string_view setting, const T& value, const ranges::range<T>& allowed) {
    if (!allowed.contains(value))
      refuse(setting, to_text(value), allowed.text);
  }

  template <class T>
  void in_range(std::string_view setting, const std::optional<T>& value, const ranges::range<T>& allowed) {
    if (value)
      in_range(setting, *value, allowed);
  }

  void check(const parameters& params) {
    in_range("temperature", params.temperature, ranges::temperature);
    in_range("top_p", params.top_p, ranges::top_p);
    in_range("max_tokens", params.max_tokens, ranges::max_tokens);
    if (params.stop.size() > 16)
      refuse("stop", std::to_string(params.stop.size()) + " texts", ranges::stop);
    for (const auto& text : params.stop)
      if (text.empty() || !is_utf8(text))
        refuse("stop", text, ranges::stop);
  }

  void check(const timeout_settings& timeouts) {
    in_range("connect_timeout_seconds", timeouts.connect, ranges::deadline);
    in_range("response_headers_timeout_seconds", timeouts.response_headers, ranges::deadline);
    in_range("first_token_timeout_seconds", timeouts.first_token, ranges::deadline);
    in_range("idle_timeout_seconds", timeouts.idle, ranges::deadline);
    in_range("attempt_timeout_seconds", timeouts.total, ranges::deadline);
  }

private:
  std::vector<setting_error>& errors_;
  std::string scope_;
};

void check(checker& out, const provider_settings& provider) {
  if (!provider.node.empty()) {
    const auto where = parse_node_address(provider.node);
    if (!where || where->port == 0)
      out.refuse("node", provider.node, ranges::node);
  } else {
    if (find_codec(provider.kind) == nullptr)
      out.refuse("kind", provider.kind.name(), list_of_kinds());
    if (!is_base_url(provider.base_url))
      out.refuse("base_url", url_to_show(provider.base_url), ranges::base_url);
  }
  if (!is_model(provider.model))
    out.refuse("model", provider.model, ranges::model);
  if (!std::ranges::all_of(provider.keys, is_key))
    out.refuse("api_key", hidden, ranges::key);
  for (const auto& [name, value] : provider.extra_headers) {
    if (!is_token(name))
      out.refuse("headers", name, ranges::headers);
    else if (!is_field_value(value))
      out.refuse("headers", name + ": " + std::string{hidden}, ranges::headers);
  }
  out.check(provider.params);
  out.in_range("timeout_seconds", provider.timeout, ranges::deadline);
  out.check(provider.timeouts);
  out.in_range("max_retries", provider.max_retries, ranges::max_retries);
  out.in_range("retry_delay_seconds", provider.retry_delay, ranges::retry_delay);
  out.in_range("max_in_flight", provider.max_in_flight, ranges::places);
  out.in_range("max_queued", provider.max_queued, ranges::count);
  out.in_range("queue_timeout_seconds", provider.queue_timeout, ranges::pause);
}

} // namespace

std::string setting_error::to_string() const {
  return printable(setting) + ": \"" + printable(value) + "\" is not allowed; allowed: " + allowed;
}

std::vector<setting_error> validate(const settings& all) {
  std::vector<setting_error> errors;
  checker out{errors, ""};
  if (all.providers.empty())
    out.refuse("provider", "none", "at least one provider");
  std::set<std::string_view> names;
  for (const auto& provider : all.providers) {
    if (!is_name(provider.name, "._-", 64) || !names.insert(provider.name).second)
      out.refuse("provider.name", provider.name, ranges::name);
    checker of_provider{errors, "provider[" + provider.name + "]."};
    check(of_provider, provider);
  }
  out.check(all.params);
  out.in_range("timeout_seconds", all.timeout, ranges::deadline);
  out.check(all.timeouts);
  out.in_range("max_retries", all.max_retries, ranges::max_retries);
  out.in_range("retry_delay_seconds", all.retry_delay, ranges::retry_delay);
  out.in_range("deadline_seconds", all.request_deadline, ranges::deadline);
  out.in_range("max_attempts", all.max_attempts, ranges::max_attempts);
  out.in_range("max_requests", all.max_requests, ranges::places);
  out.in_range("max_in_flight", all.max_in_flight, ranges::places);
  out.in_range("max_queued", all.max_queued, ranges::count);
  out.in_range("queue_timeout_seconds", all.queue_timeout, ranges::pause);
  out.in_range("transport_threads", all.transport_threads, ranges::threads);
  out.in_range("retry_budget_percent", all.retry_budget.percent, ranges::percent);
  out.in_range("retry_budget_minimum", all.retry_budget.minimum, ranges::count);
  out.in_range("hedge_delay_seconds", all.hedge_delay, ranges::deadline);
  out.in_range("failure_threshold", all.failure_threshold, ranges::failure_threshold);
  out.in_range("cooldown_seconds", all.cooldown, ranges::deadline);
  out.in_range("max_cooldown_seconds", all.max_cooldown, ranges::deadline);
  if (all.cooldown > all.max_cooldown)
    out.refuse("max_cooldown_seconds", to_text(all.max_cooldown), "not less than cooldown_seconds");
  out.in_range("drain_deadline_seconds", all.drain_deadline, ranges::pause);
  return errors;
}

} // namespace magna
