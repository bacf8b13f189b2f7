#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <magna/text/ascii.hpp>
#include <magna/text/number.hpp>

namespace magna {

/// Whether the text can be a host's name or IPv4 address: letters, digits, '.', '-' and '_'.
constexpr bool is_host(std::string_view text) noexcept {
  return is_name(text, ".-_", 253);
}

/// Nothing if the text is not a number from 0 to 65535.
inline std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  return parse_number<std::uint16_t>(text);
}

/// The parts of an absolute URL; they view its text. A part that the URL lacks is empty.
struct url_parts {
  std::string_view scheme;
  /// An IPv6 address has its brackets.
  std::string_view host;
  std::optional<std::string_view> port;
};

/// Takes a URL apart. It must have no user: all up to the first '/', '?' or '#' is host and port.
constexpr url_parts parts_of_url(std::string_view url) noexcept {
  url_parts result;
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    result.scheme = url.substr(0, scheme);
    url.remove_prefix(scheme + 3);
  }
  url = url.substr(0, url.find_first_of("/?#"));
  const auto bracket = url.rfind(']');
  const auto colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  result.host = url.substr(0, colon);
  if (colon != std::string_view::npos)
    result.port = url.substr(colon + 1);
  return result;
}

/// The host of such a URL, without brackets.
constexpr std::string_view host_of(std::string_view url) noexcept {
  const auto host = parts_of_url(url).host;
  return host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host;
}

} // namespace magna
