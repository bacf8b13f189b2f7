#include <magna/node/caf/tls_transport.hpp>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <limits>

#include <openssl/err.h>

namespace magna {

namespace {

using caf::io::network::native_socket;
using caf::io::network::rw_state;

/// While OpenSSL is called. It writes to sockets that the other side may have closed.
class calling_openssl {
public:
  calling_openssl() {
    // OpenSSL keeps errors for each thread, not for each session. One that is still there would be taken for
    // this session's own as soon as it has nothing to read, and end it: whoever breaks off, or shows a wrong
    // certificate, would cut off all others.
    ERR_clear_error();
    sigemptyset(&broken_pipe_);
    sigaddset(&broken_pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe_, &before_);
  }
  ~calling_openssl() {
    const timespec at_once{};
    ::sigtimedwait(&broken_pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  calling_openssl(const calling_openssl&) = delete;
  calling_openssl& operator=(const calling_openssl&) = delete;

private:
  sigset_t broken_pipe_{};
  sigset_t before_{};
};

int at_most(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

/// How a read or a write went.
rw_state outcome(SSL* session, int count, std::size_t& result) {
  if (count > 0) {
    result = static_cast<std::size_t>(count);
    return rw_state::success;
  }
  const auto what = SSL_get_error(session, count);
  return what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE ? rw_state::success : rw_state::failure;
}

} // namespace

rw_state tls_transport::read_some(std::size_t& result, native_socket, void* to, std::size_t size) {
  const calling_openssl guard;
  result = 0;
  if (const auto state = greet(); !greeted_)
    return state;
  if (size == 0)
    return rw_state::indeterminate;
  return outcome(session_.get(), SSL_read(session_.get(), to, at_most(size)), result);
}

rw_state tls_transport::write_some(std::size_t& result, native_socket, const void* from, std::size_t size) {
  const calling_openssl guard;
  result = 0;
  if (const auto state = greet(); !greeted_)
    return state;
  if (size == 0)
    return rw_state::indeterminate;
  return outcome(session_.get(), SSL_write(session_.get(), from, at_most(size)), result);
}

bool tls_transport::must_read_more(native_socket, std::size_t threshold) {
  return static_cast<std::size_t>(SSL_pending(session_.get())) >= threshold;
}

rw_state tls_transport::greet() {
  if (greeted_)
    return rw_state::success;
  const auto status = SSL_do_handshake(session_.get());
  greeted_ = status == 1;
  if (greeted_)
    return rw_state::success;
  switch (SSL_get_error(session_.get(), status)) {
    case SSL_ERROR_WANT_READ:
      return rw_state::want_read;
    case SSL_ERROR_WANT_WRITE:
      // CAF goes on asking whether it can write.
      return rw_state::success;
    default:
      return rw_state::failure;
  }
}

} // namespace magna
