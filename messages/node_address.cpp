#include <magna/messages/node_address.hpp>

#include <magna/text/host.hpp>

#include <arpa/inet.h>

namespace magna {

namespace {

bool is_ipv6(const std::string& text) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

} // namespace

std::optional<node_address> parse_node_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  node_address result;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port)
    return std::nullopt;
  result.port = *port;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    result.host = host.substr(1, host.size() - 2);
    return is_ipv6(result.host) ? std::optional{result} : std::nullopt;
  }
  result.host = host;
  return is_host(host) ? std::optional{result} : std::nullopt;
}

std::string to_string(const node_address& x) {
  const auto port = ':' + std::to_string(x.port);
  return x.host.find(':') != std::string::npos ? '[' + x.host + ']' + port : x.host + port;
}

bool is_loopback(const node_address& x) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, x.host.c_str(), &parsed) == 1)
    return x.host.starts_with("127.");
  in6_addr parsed6{};
  if (::inet_pton(AF_INET6, x.host.c_str(), &parsed6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&parsed6) != 0;
  return x.host == "localhost";
}

} // namespace magna
