#pragma once

#include <cstddef>
#include <utility>

#include <caf/expected.hpp>
#include <caf/fwd.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/rw_state.hpp>
#include <caf/openssl/session.hpp>

#include <openssl/err.h>

namespace magna {

/// The session for a connected socket. Null: the other side has broken off, or speaks no TLS. An error: this
/// side's certificate, key or authority can't be used now; they are read anew for each session.
caf::expected<caf::openssl::session_ptr>
make_tls_session(caf::actor_system& sys, caf::io::network::native_socket fd, bool is_accepted);

/// What CAF wants of a transport: here that of a TLS session.
class tls_transport {
public:
  explicit tls_transport(caf::openssl::session_ptr session) : session_(std::move(session)) {}

  caf::io::network::rw_state read_some(std::size_t& result, caf::io::network::native_socket fd, void* to,
                                       std::size_t size) {
    forget_errors_of_others();
    return session_->read_some(result, fd, to, size);
  }
  caf::io::network::rw_state write_some(std::size_t& result, caf::io::network::native_socket fd,
                                        const void* from, std::size_t size) {
    forget_errors_of_others();
    return session_->write_some(result, fd, from, size);
  }
  bool must_read_more(caf::io::network::native_socket fd, std::size_t threshold) {
    return session_->must_read_more(fd, threshold);
  }

private:
  /// OpenSSL keeps errors for each thread, not for each session, and CAF leaves them there. One that is still
  /// there would be taken for this session's own as soon as it has nothing to read, and end it: whoever
  /// breaks off, or shows a wrong certificate, would cut off all others.
  static void forget_errors_of_others() { ERR_clear_error(); }

  caf::openssl::session_ptr session_;
};

} // namespace magna
