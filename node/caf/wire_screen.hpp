#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace magna {

/// Looks over what comes in through one connection before CAF stores any of it: CAF makes room for as much as
/// a message's header announces, whoever sent it. Follows CAF's framing only, a header and its payload, and
/// keeps nothing but the header. Not thread-safe.
class wire_screen {
public:
  /// An introduction names a node and the versions it speaks.
  static constexpr std::uint32_t largest_introduction = 64 * 1024;
  /// What one message between nodes may have, in bytes: a request with its images, or a whole answer.
  static constexpr std::uint32_t largest_message = 64 * 1024 * 1024;
  /// The same for a request, whose message names the sender and more.
  static constexpr std::uint32_t largest_request = largest_message - 64 * 1024;

  /// What is wrong with the next bytes; empty: nothing. Any split of the bytes gives the same result. After a
  /// problem the connection is to be closed.
  std::string look_at(std::string_view bytes);

  /// Whether the other side has introduced itself as a node.
  bool introduced() const noexcept { return introduced_; }

private:
  /// The kind of message (1 byte), three bytes of flags, the payload's length (4 bytes, big endian), and what
  /// only CAF reads.
  static constexpr std::size_t header_size = 32;

  std::string judge_kind() const;
  std::string judge_length(std::uint32_t length) const;

  std::array<unsigned char, header_size> header_{};
  std::size_t header_bytes_ = 0;
  std::uint32_t payload_left_ = 0;
  bool introduced_ = false;
};

} // namespace magna
