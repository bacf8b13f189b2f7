#include <magna/node/caf/reach.hpp>

#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace magna {

namespace {

using std::chrono::steady_clock;

/// How soon a stop is noticed.
constexpr int slice_ms = 50;

bool becomes_writable(int fd, std::chrono::milliseconds patience, const std::stop_token& stop) {
  const auto end = steady_clock::now() + patience;
  pollfd watched{.fd = fd, .events = POLLOUT, .revents = 0};
  while (!stop.stop_requested() && steady_clock::now() < end)
    if (::poll(&watched, 1, slice_ms) > 0)
      return true;
  return false;
}

/// The errno of a connection that is made and closed; 0: it was made.
int try_connection(const addrinfo& to, std::chrono::milliseconds patience, const std::stop_token& stop) {
  const auto fd = ::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol);
  if (fd == -1)
    return errno;
  auto result = ::connect(fd, to.ai_addr, to.ai_addrlen) == 0 ? 0 : errno;
  if (result == EINPROGRESS) {
    socklen_t size = sizeof result;
    if (becomes_writable(fd, patience, stop))
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size);
    else
      result = ETIMEDOUT;
  }
  ::close(fd);
  return result;
}

} // namespace

std::string problem_with_reaching(const node_address& where, std::chrono::milliseconds patience,
                                  const std::stop_token& stop) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const auto code = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
      code != 0)
    return ::gai_strerror(code);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
  std::string problem;
  for (const auto* x = found; x != nullptr; x = x->ai_next) {
    const auto code = try_connection(*x, patience, stop);
    if (code == 0)
      return {};
    problem = std::strerror(code);
  }
  return problem;
}

} // namespace magna
