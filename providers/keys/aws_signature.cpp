#include <magna/providers/keys/aws_signature.hpp>

#include <algorithm>
#include <ctime>
#include <map>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <magna/providers/url.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/assert.hpp>
#include <magna/text/host.hpp>

namespace magna {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// Headers that proxies and libraries add or change on the way.
constexpr std::string_view unsigned_headers[] = {"authorization", "connection",      "expect",
                                                 "user-agent",    "accept-encoding", "x-amzn-trace-id"};

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  MAGNA_ASSERT(made != nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    result += digits[byte >> 4];
    result += digits[byte & 15];
  }
  return result;
}

std::string hex_sha256(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const auto made = EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  MAGNA_ASSERT(made == 1);
  return hex({reinterpret_cast<const char*>(digest), size});
}

/// "20150830T123600Z".
std::string stamp_of(std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

/// Without ".", ".." and empty segments, each segment encoded once more than the URL has it.
std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool ends_in_slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    if (segment == ".." && !segments.empty())
      segments.pop_back();
    else if (!segment.empty() && segment != "." && segment != "..")
      segments.push_back(segment);
  }
  std::string result;
  for (const auto segment : segments)
    result.append("/").append(percent_encode(segment));
  return result.empty() || ends_in_slash ? result + "/" : result;
}

/// The pairs in order; a name without a value has an empty one.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto name = pair.substr(0, pair.find('='));
    if (!pair.empty())
      pairs.emplace_back(name, pair.substr(std::min(name.size() + 1, pair.size())));
  }
  std::ranges::sort(pairs);
  std::string result;
  for (const auto& [name, value] : pairs)
    result.append(result.empty() ? "" : "&").append(name).append("=").append(value);
  return result;
}

/// Without blanks at the ends, each run of blanks inside as one.
std::string canonical_value(std::string_view value) {
  std::string result;
  for (const char c : trim(value))
    if (c != ' ' || result.empty() || result.back() != ' ')
      result += c;
  return result;
}

/// As the Host header has it: the usual port is left out.
std::string host_header(std::string_view url) {
  const auto parts = parts_of_url(url);
  std::string result{parts.host};
  if (parts.port && *parts.port != (parts.scheme == "https" ? "443" : "80"))
    result.append(":").append(*parts.port);
  return result;
}

} // namespace

std::optional<aws_credentials> parse_aws_credentials(std::string_view key) {
  const auto first = key.find(':');
  if (first == std::string_view::npos)
    return std::nullopt;
  const auto second = key.find(':', first + 1);
  aws_credentials result;
  result.id = key.substr(0, first);
  result.secret = key.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  if (second != std::string_view::npos)
    result.session_token = key.substr(second + 1);
  if (result.id.empty() || result.secret.empty())
    return std::nullopt;
  return result;
}

aws_scope aws_scope_of(std::string_view base_url, std::string_view region) {
  aws_scope result{std::string{region}, "bedrock-mantle"};
  const auto host = to_lower(host_of(base_url));
  for (const std::string_view domain : {".api.aws", ".amazonaws.com"}) {
    const auto dot = host.find('.');
    if (!host.ends_with(domain) || dot + domain.size() >= host.size())
      continue;
    result.service = host.substr(0, dot);
    if (region.empty())
      result.region = host.substr(dot + 1, host.size() - domain.size() - dot - 1);
  }
  return result;
}

void sign_aws(http_request& request, const aws_credentials& credentials, const aws_scope& scope,
              std::chrono::system_clock::time_point now) {
  const auto stamp = stamp_of(now);
  const auto date = stamp.substr(0, 8);
  request.headers.emplace_back("X-Amz-Date", stamp);
  if (!credentials.session_token.empty())
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);

  std::map<std::string, std::string> headers{{"host", host_header(request.url)}};
  for (const auto& [name, value] : request.headers) {
    const auto lower = to_lower(name);
    if (std::ranges::find(unsigned_headers, lower) != std::end(unsigned_headers))
      continue;
    auto& all = headers[lower];
    if (lower == "host")
      all.clear();
    else if (!all.empty())
      all += ',';
    all += canonical_value(value);
  }
  std::string lines;
  std::string names;
  for (const auto& [name, value] : headers) {
    lines.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }

  const std::string_view url = request.url;
  const auto scheme = url.find("://");
  const auto path_begin = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  const auto target = url.substr(path_begin, url.find('#', path_begin) - path_begin);
  const auto path = target.substr(0, target.find('?'));
  const auto query = target.substr(std::min(path.size() + 1, target.size()));
  const auto canonical = request.method + "\n" + canonical_path(path) + "\n" + canonical_query(query) + "\n"
                         + lines + "\n" + names + "\n" + hex_sha256(request.body);
  const auto of_day = date + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const auto to_sign = std::string{algorithm} + "\n" + stamp + "\n" + of_day + "\n" + hex_sha256(canonical);
  auto key = hmac("AWS4" + credentials.secret, date);
  for (const std::string_view part :
       {std::string_view{scope.region}, std::string_view{scope.service}, std::string_view{"aws4_request"}})
    key = hmac(key, part);
  std::erase_if(request.headers,
                [](const auto& header) { return to_lower(header.first) == "authorization"; });
  request.headers.emplace_back("Authorization", std::string{algorithm} + " Credential=" + credentials.id + "/"
                                                  + of_day + ", SignedHeaders=" + names
                                                  + ", Signature=" + hex(hmac(key, to_sign)));
}

} // namespace magna
