#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <magna/messages/export.hpp>

namespace magna {

/// Where a node listens.
struct node_address {
  /// A name or a numeric address; IPv6 without its brackets.
  std::string host;
  /// 0 only in an address to listen on: any free one.
  std::uint16_t port = 0;

  bool operator==(const node_address&) const = default;
};

/// Reads "host:port", "[::1]:port" or, for an address to listen on, "host:0". Nothing if it is neither.
MAGNA_EXPORT std::optional<node_address> parse_node_address(std::string_view text);

/// The form that parse_node_address reads.
MAGNA_EXPORT std::string to_string(const node_address& x);

/// Whether only this host reaches it: 127.0.0.0/8, ::1 or localhost.
MAGNA_EXPORT bool is_loopback(const node_address& x);

} // namespace magna
