#include <magna/node/reach.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <caf/error.hpp>

#include <magna/messages/types.hpp>

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

/// A connected socket, or -1 and what is wrong in errno.
int connect_to(const addrinfo& to, std::chrono::milliseconds patience, const std::stop_token& stop) {
  const auto fd = ::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol);
  if (fd == -1)
    return -1;
  auto problem = ::connect(fd, to.ai_addr, to.ai_addrlen) == 0 ? 0 : errno;
  if (problem == EINPROGRESS) {
    socklen_t size = sizeof problem;
    if (becomes_writable(fd, patience, stop))
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    else
      problem = ETIMEDOUT;
  }
  if (problem == 0)
    return fd;
  ::close(fd);
  errno = problem;
  return -1;
}

} // namespace

caf::expected<int> reach(const node_address& where, std::chrono::milliseconds patience,
                         const std::stop_token& stop) {
  const auto failed = [&where](const char* problem) {
    return caf::make_error(errc::node_lost, "no connection to node " + to_string(where) + ": " + problem);
  };
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const auto code = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
      code != 0)
    return failed(::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
  for (const auto* x = found; x != nullptr; x = x->ai_next)
    if (const auto fd = connect_to(*x, patience, stop); fd != -1)
      return fd;
  return failed(std::strerror(errno));
}

} // namespace magna
