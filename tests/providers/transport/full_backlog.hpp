#pragma once

#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <magna/tests/providers/transport/raw_server.hpp>

namespace magna::test {

/// A port on which connections neither succeed nor fail: nobody accepts, and the queue is full.
class full_backlog {
public:
  full_backlog() : server_(0) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(server_.port());
    // The queue is full when a connection is not there at once.
    for (auto connected = true; connected && clients_.size() < 64;) {
      const auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      clients_.emplace_back(fd);
      connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
      if (!connected) {
        pollfd entry{fd, POLLOUT, 0};
        connected = poll(&entry, 1, 50) > 0;
      }
    }
  }

  [[nodiscard]] std::string url() const { return server_.url(); }

  [[nodiscard]] std::string authority() const { return server_.authority(); }

private:
  raw_server server_;
  std::vector<connection> clients_;
};

} // namespace magna::test
