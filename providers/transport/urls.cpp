#include <magna/providers/transport/urls.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <magna/text/ascii.hpp>

namespace magna {

namespace {

struct deleter {
  void operator()(CURLU* x) const noexcept { curl_url_cleanup(x); }
  void operator()(char* x) const noexcept { curl_free(x); }
};

using url_ptr = std::unique_ptr<CURLU, deleter>;

url_ptr parse(const std::string& url, unsigned flags) {
  url_ptr result{curl_url()};
  if (result && curl_url_set(result.get(), CURLUPART_URL, url.c_str(), flags) != CURLUE_OK)
    result.reset();
  return result;
}

/// Empty if the URL has no such part.
std::string part(const url_ptr& url, CURLUPart which, unsigned flags = 0) {
  char* raw = nullptr;
  curl_url_get(url.get(), which, &raw, flags);
  const std::unique_ptr<char, deleter> text{raw};
  return text ? text.get() : "";
}

std::string authority(const url_ptr& url) {
  if (!url)
    return {};
  const auto host = part(url, CURLUPART_HOST);
  const auto port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  return host.empty() || port.empty() ? host : host + ':' + port;
}

bool is_own_ipv4(const in_addr& x) noexcept {
  const auto value = ntohl(x.s_addr);
  // A socket that connects to 0.0.0.0 comes to this host.
  return value >> 24 == 127 || value == INADDR_ANY;
}

bool is_own_ipv6(const in6_addr& x) noexcept {
  if (IN6_IS_ADDR_LOOPBACK(&x) || IN6_IS_ADDR_UNSPECIFIED(&x))
    return true;
  if (!IN6_IS_ADDR_V4MAPPED(&x))
    return false;
  in_addr inner{};
  std::memcpy(&inner, &x.s6_addr[12], sizeof inner);
  return is_own_ipv4(inner);
}

/// The name in lower case, without a dot at its end.
bool is_own_name(const std::string& name) {
  constexpr std::array own{"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"};
  if (std::ranges::find(own, name) != own.end() || name.ends_with(".localhost"))
    return true;
  std::array<char, 256> host{};
  return gethostname(host.data(), host.size() - 1) == 0 && name == to_lower(host.data());
}

std::string environment(const std::string& name) {
  const auto* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

} // namespace

std::string authority_of(const std::string& url) {
  return authority(parse(url, CURLU_NON_SUPPORT_SCHEME));
}

bool leads_to_this_host(const std::string& url) {
  const auto parsed = parse(url, CURLU_NON_SUPPORT_SCHEME);
  if (!parsed)
    return false;
  // libcurl has written out every other spelling of an IPv4 address: 127.1, 0x7f000001.
  auto host = to_lower(part(parsed, CURLUPART_HOST, CURLU_URLDECODE));
  if (host.ends_with('.'))
    host.pop_back();
  if (in_addr address{}; inet_pton(AF_INET, host.c_str(), &address) == 1)
    return is_own_ipv4(address);
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1
           && is_own_ipv6(address);
  }
  return is_own_name(host);
}

std::string proxy_in_environment(const std::string& url) {
  const auto scheme = to_lower(std::string_view{url}.substr(0, url.find(':')));
  auto found = environment(scheme + "_proxy");
  // In a CGI program HTTP_PROXY is what a client sends.
  if (found.empty() && scheme == "https")
    found = environment("HTTPS_PROXY");
  if (found.empty())
    found = environment("all_proxy");
  if (found.empty())
    found = environment("ALL_PROXY");
  if (found.empty())
    return {};
  const auto has_scheme = found.find("://") != std::string::npos;
  const auto parsed = parse(has_scheme ? found : "http://" + found, CURLU_NON_SUPPORT_SCHEME);
  if (!parsed)
    return {};
  const auto host = part(parsed, CURLUPART_HOST);
  const auto port = part(parsed, CURLUPART_PORT);
  if (!port.empty())
    return host + ':' + port;
  return host + (to_lower(found).starts_with("https://") ? ":443" : ":1080");
}

} // namespace magna
