#include <magna/actors/providers/provider_identity.hpp>

#include <string_view>

#include <magna/messages/node_address.hpp>

namespace magna {

namespace {

std::string host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('['))
    return std::string{url.substr(1, url.find(']') - 1)};
  return std::string{url.substr(0, url.find(':'))};
}

} // namespace

std::string provider_identity(const provider_settings& provider, const std::string& host) {
  auto result = provider.kind.name() + ' ' + provider.base_url + ' ' + provider.model;
  if (!provider.node.empty())
    result += " through " + provider.node + " from " + host;
  else if (is_loopback({.host = host_of(provider.base_url), .port = 0}))
    result += " on " + host;
  return result;
}

} // namespace magna
