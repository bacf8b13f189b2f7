#include <magna/providers/transport/curl_slot.hpp>

#include <netinet/in.h>
#include <unistd.h>

namespace magna {

int curl_slot::opened_port() const noexcept {
  switch (opened_for.ss_family) {
    case AF_INET:
      return ntohs(reinterpret_cast<const sockaddr_in&>(opened_for).sin_port);
    case AF_INET6:
      return ntohs(reinterpret_cast<const sockaddr_in6&>(opened_for).sin6_port);
    default:
      return 0;
  }
}

bool curl_slot::can_be_reached() const noexcept {
  const auto size = opened_for.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  const auto fd = socket(opened_for.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return false;
  // A datagram socket sends nothing when it connects.
  const auto result =
    connect(fd, reinterpret_cast<const sockaddr*>(&opened_for), static_cast<socklen_t>(size));
  close(fd);
  return result == 0;
}

} // namespace magna
