#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <magna/tests/providers/transport/raw_server.hpp>

namespace magna::test {

/// A wire with a tap: passes connections on to a port of this host and keeps a copy of all bytes, both ways.
class recording_relay {
public:
  explicit recording_relay(std::uint16_t to) : to_(to) {
    acceptor_ = std::jthread{[this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (listener_.has_waiting())
          pumps_.emplace_back(
            [this, near = listener_.accept()](const std::stop_token& done) mutable { pump(near, done); });
        else
          std::this_thread::sleep_for(std::chrono::milliseconds{5});
      }
    }};
  }

  [[nodiscard]] std::string authority() const { return listener_.authority(); }

  std::string recorded() {
    const std::lock_guard guard{mutex_};
    return recorded_;
  }

private:
  void pump(connection& from, const std::stop_token& stop) {
    connection to{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(to_);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(to.descriptor(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
      return;
    std::array<char, 16384> buffer{};
    while (!stop.stop_requested()) {
      std::array<pollfd, 2> both{{{from.descriptor(), POLLIN, 0}, {to.descriptor(), POLLIN, 0}}};
      if (::poll(both.data(), both.size(), 50) <= 0)
        continue;
      for (std::size_t i = 0; i < both.size(); ++i) {
        if (both[i].revents == 0)
          continue;
        const auto got = ::recv(both[i].fd, buffer.data(), buffer.size(), 0);
        if (got <= 0)
          return;
        const std::string_view bytes{buffer.data(), static_cast<std::size_t>(got)};
        {
          const std::lock_guard guard{mutex_};
          recorded_ += bytes;
        }
        (i == 0 ? to : from).write_until_stuck(bytes, patience);
      }
    }
  }

  const std::uint16_t to_;
  raw_server listener_;
  std::mutex mutex_;
  std::string recorded_;
  std::vector<std::jthread> pumps_;
  std::jthread acceptor_;
};

} // namespace magna::test
