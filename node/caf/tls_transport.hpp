#pragma once

#include <cstddef>
#include <utility>

#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/rw_state.hpp>

#include <magna/node/caf/tls_context.hpp>

namespace magna {

/// What CAF wants of a transport: here that of a TLS session.
class tls_transport {
public:
  explicit tls_transport(tls_session_ptr session) : session_(std::move(session)) {}

  caf::io::network::rw_state read_some(std::size_t& result, caf::io::network::native_socket fd, void* to,
                                       std::size_t size);
  caf::io::network::rw_state write_some(std::size_t& result, caf::io::network::native_socket fd,
                                        const void* from, std::size_t size);
  bool must_read_more(caf::io::network::native_socket fd, std::size_t threshold);

private:
  /// Both sides greet each other before anything is read or written.
  caf::io::network::rw_state greet();

  tls_session_ptr session_;
  bool greeted_ = false;
};

} // namespace magna
