#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include <caf/io/connection_handle.hpp>

namespace magna {

/// A handle that no other connection of this process has, now or later. CAF's own handle is the socket's
/// descriptor, and CAF forgets a closed connection a moment after the socket is closed. The next connection
/// has the same descriptor by then, and would be forgotten in its place: it stays open, but nothing is sent
/// through it any more. Thread-safe.
inline caf::io::connection_handle new_connection_handle() {
  // Beyond all descriptors, for connections that CAF makes itself.
  static std::atomic<std::int64_t> last{std::numeric_limits<std::int32_t>::max()};
  return caf::io::connection_handle::from_int(++last);
}

} // namespace magna
