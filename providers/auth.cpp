#include <magna/providers/auth.hpp>

#include <algorithm>
#include <chrono>

#include <magna/providers/auth_scheme.hpp>
#include <magna/providers/keys/aws_signature.hpp>
#include <magna/providers/known_hosts.hpp>

namespace magna {

namespace {

struct scheme_row {
  auth_scheme scheme;
  std::string_view name;
  /// Empty: the key is in no header.
  std::string_view header;
  std::string_view before_key;
};

constexpr scheme_row schemes[] = {
  {auth_scheme::bearer, "bearer", "Authorization", "Bearer "},
  {auth_scheme::api_key, "api-key", "api-key", ""},
  {auth_scheme::x_api_key, "x-api-key", "x-api-key", ""},
  {auth_scheme::x_goog_api_key, "x-goog-api-key", "x-goog-api-key", ""},
  {auth_scheme::aws_sigv4, "aws-sigv4", "", ""},
};

const scheme_row& row_of(auth_scheme scheme) {
  return *std::ranges::find(schemes, scheme, &scheme_row::scheme);
}

/// A shorter value ("true") would garble every text and protect nothing.
constexpr std::size_t shortest_secret = 8;

/// Parameters of a query that say nothing secret, and are worth reading in an error.
constexpr std::string_view open_parameters[] = {"api-version", "alt"};

} // namespace

std::string to_string(auth_scheme x) {
  return std::string{row_of(x).name};
}

std::optional<auth_scheme> parse_auth_scheme(std::string_view text) {
  const auto* found = std::ranges::find(schemes, text, &scheme_row::name);
  return found == std::end(schemes) ? std::nullopt : std::optional{found->scheme};
}

std::string list_of_auth_schemes() {
  std::string result;
  for (const auto& row : schemes)
    result.append(result.empty() ? "" : &row + 1 == std::end(schemes) ? " or " : ", ").append(row.name);
  return result;
}

auth_scheme auth_of(const endpoint& where, const protocol_info& about) {
  if (where.auth)
    return *where.auth;
  const auto* host = find_host(where.base_url, about.kind);
  return host != nullptr && host->auth ? *host->auth : about.auth;
}

void add_key(http_headers& headers, const endpoint& where, const protocol_info& about) {
  const auto& row = row_of(auth_of(where, about));
  if (!where.key.empty() && !row.header.empty())
    headers.emplace_back(row.header, std::string{row.before_key} + where.key);
}

void sign(http_request& request, const endpoint& where, const protocol_info& about) {
  if (where.key.empty() || auth_of(where, about) != auth_scheme::aws_sigv4)
    return;
  if (const auto credentials = parse_aws_credentials(where.key))
    sign_aws(request, *credentials, aws_scope_of(where.base_url, where.region),
             std::chrono::system_clock::now());
}

std::vector<std::string> secrets_of(const endpoint& where) {
  std::vector<std::string> result;
  if (!where.key.empty())
    result.push_back(where.key);
  if (const auto credentials = parse_aws_credentials(where.key);
      credentials && where.auth == auth_scheme::aws_sigv4)
    for (const auto& part : {credentials->id, credentials->secret, credentials->session_token})
      if (!part.empty())
        result.push_back(part);
  const std::string_view url = where.base_url;
  auto query = url.substr(std::min(url.find('?'), url.size()));
  while (!query.empty()) {
    query.remove_prefix(1);
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size());
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.size() - equals > shortest_secret
        && std::ranges::find(open_parameters, pair.substr(0, equals)) == std::end(open_parameters))
      result.emplace_back(pair.substr(equals + 1));
  }
  return result;
}

} // namespace magna
