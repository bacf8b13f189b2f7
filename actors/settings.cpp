#include <magna/actors/settings.hpp>

#include <algorithm>
#include <concepts>
#include <set>
#include <stdexcept>

#include <magna/actors/requests/check_request.hpp>
#include <magna/actors/setting_table.hpp>
#include <magna/messages/node_address.hpp>
#include <magna/providers/auth.hpp>
#include <magna/providers/codec_registry.hpp>
#include <magna/providers/extra_body.hpp>
#include <magna/providers/keys/aws_signature.hpp>
#include <magna/providers/keys/google_account.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/host.hpp>
#include <magna/text/number.hpp>
#include <magna/text/printable.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

parameters default_parameters() {
  parameters result;
  result.temperature = 0.7;
  result.top_p = 0.9;
  return result;
}

std::string default_base_url(const provider_kind& kind) {
  const auto* found = find_codec(kind);
  return found != nullptr ? found->about().default_base_url : std::string{};
}

std::string default_embedding_model(const provider_kind& kind) {
  const auto* found = find_codec(kind);
  return found != nullptr ? found->about().default_embedding_model : std::string{};
}

std::string default_model(const provider_kind& kind) {
  const auto* found = find_codec(kind);
  return found != nullptr ? found->about().default_model : std::string{};
}

// -- keys ---------------------------------------------------------------------------------------------------

endpoint endpoint_of(const provider_settings& provider, std::string key) {
  endpoint result{.base_url = provider.base_url,
                  .key = std::move(key),
                  .extra_headers = provider.extra_headers,
                  .auth = provider.auth,
                  .region = provider.region};
  if (!provider.google_credentials.empty() && !result.auth)
    result.auth = auth_scheme::bearer;
  return result;
}

std::vector<std::string> secrets_of(const provider_settings& provider) {
  auto result = secrets_of(endpoint_of(provider, {}));
  for (const auto& key : provider.keys)
    for (auto& secret : secrets_of(endpoint_of(provider, key)))
      result.push_back(std::move(secret));
  for (const auto& [name, value] : provider.extra_headers)
    result.push_back(value);
  if (provider.source != nullptr)
    for (auto& secret : provider.source->secrets())
      result.push_back(std::move(secret));
  if (!provider.google_credentials.empty()) {
    try {
      const auto source = make_google_source(parse_google_account(provider.google_credentials));
      for (auto& secret : source->secrets())
        result.push_back(std::move(secret));
    } catch (const std::invalid_argument&) {
      result.push_back(provider.google_credentials);
    }
  }
  std::ranges::sort(result);
  const auto rest = std::ranges::unique(result);
  result.erase(rest.begin(), rest.end());
  return result;
}

// -- deadlines ----------------------------------------------------------------------------------------------

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

/// What governs where nobody has set anything: a kind whose models may have to be loaded first has a time of its own
/// for that. Who has set the general timeout to something of his own has set it for these, too.
milliseconds patience_of(const settings& all, const provider_settings& provider) {
  const auto* protocol = provider.node.empty() ? find_codec(provider.kind) : nullptr;
  if (protocol == nullptr || all.timeout != settings{}.timeout)
    return all.timeout;
  return std::max(all.timeout, protocol->about().first_token_timeout.value_or(all.timeout));
}

} // namespace

attempt_deadlines deadlines_for(const settings& all, const provider_settings& provider, bool stream) {
  const auto& own = provider.timeouts;
  const auto& general = all.timeouts;
  const auto patience = patience_of(all, provider);
  attempt_deadlines result{};
  result.connect = first_of({own.connect, general.connect}, default_connect_timeout);
  if (stream) {
    result.first_token = first_of({own.first_token, provider.timeout, general.first_token}, patience);
    result.idle = first_of({own.idle, provider.timeout, general.idle}, all.timeout);
    result.response_headers = first_of({own.response_headers, own.first_token, provider.timeout,
                                        general.response_headers, general.first_token},
                                       patience);
    result.total = own.total ? own.total : general.total;
  } else {
    // A whole answer shows no tokens, and its headers often come only with it: the total governs all.
    const auto total = first_of({own.total, provider.timeout, general.total}, patience);
    result.total = total;
    result.first_token = total;
    result.idle = total;
    const auto headers_of_all = provider.timeout || own.total ? deadline{} : general.response_headers;
    result.response_headers = first_of({own.response_headers, headers_of_all}, total);
  }
  return result;
}

// -- validation ---------------------------------------------------------------------------------------------

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
  if (!std::ranges::all_of(text, is_graphic) || text.find_first_of("#\"<>\\^`{|}") != std::string_view::npos
      || text.substr(0, text.find('?')).find('@') != std::string_view::npos)
    return false;
  const auto parts = parts_of_url(text);
  return (parts.scheme == "http" || parts.scheme == "https") && is_url_host(parts.host)
         && (!parts.port || parse_port(*parts.port).value_or(0) != 0);
}

constexpr std::string_view hidden = "(hidden)";
constexpr std::string_view allowed_headers =
  "header names of HTTP token characters, values without control characters";

// What a setting holds, as the number that its range counts, and as users write it.

template <class T>
double number_in(T x) {
  return static_cast<double>(x);
}
double number_in(milliseconds x) {
  return in_seconds(x);
}

template <std::integral T>
std::string to_text(T x) {
  return std::to_string(x);
}
template <class T>
std::string to_text(T x) {
  return number_text(number_in(x));
}

/// Collects the errors of one scope: all providers, or one.
class checker {
public:
  checker(std::vector<setting_error>& errors, std::string scope)
    : errors_(errors), scope_(std::move(scope)) {}

  void refuse(std::string_view setting, std::string_view value, std::string_view allowed) {
    errors_.push_back({scope_ + std::string{setting}, std::string{value}, std::string{allowed}});
  }

  void check(const setting_row& row, const setting_slot& where) {
    std::visit([&](const auto* value) { check_value(row, *value); }, where);
  }

private:
  template <class T>
  void check_value(const setting_row& row, const T& value) {
    if (!row.allowed.contains(number_in(value)))
      refuse(row.key, to_text(value), row.allowed.text);
  }

  template <class T>
  void check_value(const setting_row& row, const std::optional<T>& value) {
    if (value)
      check_value(row, *value);
  }

  void check_value(const setting_row& row, const std::vector<std::string>& texts) {
    if (texts.size() > 16)
      refuse(row.key, std::to_string(texts.size()) + " texts", row.allowed.text);
    for (const auto& text : texts)
      if (text.empty() || !is_utf8(text))
        refuse(row.key, text, row.allowed.text);
  }

  void check_value(const setting_row&, reasoning_effort) {}
  void check_value(const setting_row& row, const std::string& text) {
    if (text.empty())
      return;
    if (row.key == "extra_body") {
      if (const auto problem = problem_with_extra_body(text))
        refuse(row.key, text, std::string{row.allowed.text} + "; it " + *problem);
    } else if (!is_cache_key(text)) {
      refuse(row.key, text, row.allowed.text);
    }
  }

  std::vector<setting_error>& errors_;
  std::string scope_;
};

void check_auth(checker& out, const provider_settings& provider) {
  if (provider.auth == auth_scheme::aws_sigv4) {
    if (!std::ranges::all_of(provider.keys,
                             [](const auto& key) { return parse_aws_credentials(key).has_value(); }))
      out.refuse("api_key", hidden, "with auth = \"aws-sigv4\": ID:SECRET or ID:SECRET:SESSION_TOKEN");
    if (!is_name(aws_scope_of(provider.base_url, provider.region).region, "-", 64))
      out.refuse("region", provider.region, "a region of AWS, such as us-east-1; the host does not say it");
  }
  if (!provider.google_credentials.empty()) {
    try {
      parse_google_account(provider.google_credentials);
    } catch (const std::invalid_argument& error) {
      out.refuse("credentials_file", error.what(),
                 "a file with a service account of Google, or with a user's credentials");
    }
  }
  if ((!provider.google_credentials.empty()) + (provider.source != nullptr) + (!provider.keys.empty()) > 1)
    out.refuse("api_key", hidden, "keys, credentials or a source of keys, only one of them");
}

void check(checker& out, provider_settings& provider) {
  if (!provider.node.empty()) {
    const auto where = parse_node_address(provider.node);
    if (!where || where->port == 0)
      out.refuse("node", provider.node, "HOST:PORT of a node, such as gpu-1.example.org:4711");
  } else {
    if (find_codec(provider.kind) == nullptr)
      out.refuse("kind", provider.kind.name(), list_of_kinds());
    if (!is_base_url(provider.base_url))
      out.refuse("base_url", url_to_show(provider.base_url),
                 "an http:// or https:// URL without user or fragment, such as https://api.openai.com/v1");
  }
  if (provider.node.empty() ? !is_model(provider.model)
                            : !provider.model.empty() && !is_model(provider.model))
    out.refuse("model", provider.model, setting_ranges::model.text);
  for (const auto& [setting, text] : {std::pair{"embedding_model", &provider.embedding_model},
                                      std::pair{"embedding_space", &provider.embedding_space}})
    if (!text->empty() && !is_model(*text))
      out.refuse(setting, *text, setting_ranges::model.text);
  if (!std::ranges::all_of(provider.keys, is_key))
    out.refuse("api_key", hidden, "keys of printable ASCII characters without spaces");
  check_auth(out, provider);
  for (const auto& [name, value] : provider.extra_headers) {
    if (!is_token(name))
      out.refuse("headers", name, allowed_headers);
    else if (!is_field_value(value))
      out.refuse("headers", name + ": " + std::string{hidden}, allowed_headers);
  }
  for (const auto& row : setting_table())
    if (row.own != nullptr)
      out.check(row, row.own(provider));
}

} // namespace

std::string setting_error::to_string() const {
  return printable(setting) + ": \"" + printable(value) + "\" is not allowed; allowed: " + allowed;
}

std::vector<setting_error> validate(const settings& what) {
  // The table's places are for writing, too.
  auto all = what;
  std::vector<setting_error> errors;
  checker out{errors, ""};
  if (all.providers.empty())
    out.refuse("provider", "none", "at least one provider");
  std::set<std::string_view> names;
  for (auto& provider : all.providers) {
    if (!is_name(provider.name, "._-", 64) || !names.insert(provider.name).second)
      out.refuse("provider.name", provider.name, "1 to 64 letters, digits, '.', '_' or '-', each name once");
    checker of_provider{errors, "provider[" + provider.name + "]."};
    check(of_provider, provider);
  }
  for (const auto& row : setting_table())
    out.check(row, row.of_all(all));
  if (all.cooldown > all.max_cooldown)
    out.refuse("max_cooldown_seconds", to_text(all.max_cooldown), "not less than cooldown_seconds");
  return errors;
}

} // namespace magna
