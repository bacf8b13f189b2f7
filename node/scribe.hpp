#pragma once

// CAF's connections, made here: CAF keeps those of its own with TLS to itself.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>
#include <caf/openssl/session.hpp>
#include <caf/sec.hpp>

#include <magna/node/caf_io.hpp>

#include <openssl/err.h>

namespace magna {

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

/// The session for a connected socket. CAF reads certificate and key anew for each; they may have gone in the
/// meantime, or be half written.
inline caf::expected<caf::openssl::session_ptr>
make_tls_session(caf::actor_system& sys, caf::io::network::native_socket fd, bool is_accepted) {
  std::string problem = "OpenSSL refuses";
  try {
    if (auto made = caf::openssl::make_session(sys, fd, is_accepted))
      return made;
  } catch (const std::runtime_error& reason) {
    problem = reason.what();
  }
  return caf::make_error(caf::sec::cannot_connect_to_node,
                         "no TLS session can be made: " + problem
                           + "; are certificate and key readable and of one pair?");
}

/// CAF's connection on such a transport.
template <class Transport>
class scribe_on : public caf::io::scribe {
public:
  template <class... Ts>
  scribe_on(caf::io::network::default_multiplexer& backend, caf::io::network::native_socket fd, Ts&&... xs)
    : scribe(caf::io::network::conn_hdl_from_socket(fd)), stream_(backend, fd, std::forward<Ts>(xs)...) {}

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (std::exchange(launched_, true))
      return;
    stream_.start(this);
    // TLS has something to say first; without it nothing is written.
    stream_.force_empty_write(share<caf::io::network::stream_manager>(this));
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  caf::byte_buffer& wr_buf() override { return stream_.wr_buf(); }
  caf::byte_buffer& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(share<caf::io::network::stream_manager>(this)); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  std::string addr() const override {
    const auto found = caf::io::network::remote_addr_of_fd(stream_.fd());
    return found ? *found : std::string{};
  }
  std::uint16_t port() const override {
    const auto found = caf::io::network::remote_port_of_fd(stream_.fd());
    return found ? *found : std::uint16_t{0};
  }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

private:
  caf::io::network::stream_impl<Transport> stream_;
  bool launched_ = false;
};

} // namespace magna
