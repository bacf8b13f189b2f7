#include <magna/actors/providers/provider_identity.hpp>

#include <magna/messages/node_address.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/host.hpp>

namespace magna {

std::string provider_identity(const provider_settings& provider, const std::string& host) {
  auto result = provider.kind.name() + ' ' + url_to_show(provider.base_url) + ' ' + provider.model;
  if (!provider.node.empty())
    result += " through " + provider.node + " from " + host;
  else if (is_loopback({.host = std::string{host_of(provider.base_url)}, .port = 0}))
    result += " on " + host;
  return result;
}

} // namespace magna
