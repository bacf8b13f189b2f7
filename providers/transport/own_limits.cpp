#include <magna/providers/transport/own_limits.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace magna {

namespace {

/// What a look-up of a name or a new TLS connection takes, at most, and what has been given back when it failed.
constexpr std::size_t enough_descriptors = 4;

/// " (now 64)", or nothing where there is no such limit.
template <class Resource>
std::string now(Resource which) {
  rlimit limit{};
  if (getrlimit(which, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return {};
  return " (now " + std::to_string(limit.rlim_cur) + ')';
}

} // namespace

own_limit own_limit_of(int os_error) noexcept {
  switch (os_error) {
    case EMFILE:
      return own_limit::descriptors;
    case ENFILE:
      return own_limit::host_descriptors;
    case ENOMEM:
      return own_limit::memory;
    case ENOBUFS:
      return own_limit::buffers;
    // A connect says EAGAIN where all ports are taken by connections that are bound to an address.
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAGAIN:
      return own_limit::ports;
    case ENOSPC:
      return own_limit::watches;
    default:
      return own_limit::none;
  }
}

own_limit thread_limit_of(int os_error) noexcept {
  switch (os_error) {
    case EAGAIN:
      return own_limit::threads;
    case ENOMEM:
      return own_limit::memory;
    default:
      return own_limit::none;
  }
}

own_limit descriptor_limit_now() noexcept {
  auto result = own_limit::none;
  std::array<int, enough_descriptors> taken{};
  std::size_t count = 0;
  for (; count < taken.size(); ++count) {
    taken[count] = eventfd(0, EFD_CLOEXEC);
    if (taken[count] < 0) {
      result = own_limit_of(errno);
      break;
    }
  }
  while (count > 0)
    close(taken[--count]);
  return result;
}

std::string remedy_of(own_limit x) {
  switch (x) {
    case own_limit::none:
      break;
    case own_limit::descriptors:
      return "raise ulimit -n" + now(RLIMIT_NOFILE);
    case own_limit::host_descriptors:
      return "raise fs.file-max";
    case own_limit::threads:
      return "raise ulimit -u" + now(RLIMIT_NPROC) + " or the container's limit of processes";
    case own_limit::memory:
      return "end what else needs it, or raise its limit";
    case own_limit::buffers:
      return "raise net.ipv4.tcp_mem";
    case own_limit::ports:
      return "widen net.ipv4.ip_local_port_range";
    case own_limit::watches:
      return "raise fs.epoll.max_user_watches";
  }
  return {};
}

std::string describe(own_limit x) {
  switch (x) {
    case own_limit::none:
      return {};
    case own_limit::descriptors:
      return "too many open files; " + remedy_of(x);
    case own_limit::host_descriptors:
      return "too many open files on this host; " + remedy_of(x);
    case own_limit::threads:
      return "too many threads; " + remedy_of(x);
    case own_limit::memory:
      return "no memory is left; " + remedy_of(x);
    case own_limit::buffers:
      return "no buffer space is left for sockets; " + remedy_of(x);
    case own_limit::ports:
      return "no port of this host is left for a connection; " + remedy_of(x);
    case own_limit::watches:
      return "too many sockets are watched; " + remedy_of(x);
  }
  return {};
}

} // namespace magna
