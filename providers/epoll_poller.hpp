#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sys/epoll.h>

namespace magna {

/// Waits for sockets and for other threads: one epoll instance and the eventfd that wakes it. Only the thread
/// that waits may call anything but `wake`.
class epoll_poller {
public:
  /// Throws std::system_error when the process has no descriptor left.
  epoll_poller();
  ~epoll_poller();

  epoll_poller(const epoll_poller&) = delete;
  epoll_poller& operator=(const epoll_poller&) = delete;

  /// Reports `events` (EPOLLIN, EPOLLOUT) of a socket from now on, level-triggered; none of them forgets the
  /// socket, so that not even a hang-up on it wakes the loop. Forget a socket before closing it.
  void watch(int fd, std::uint32_t events);

  /// Returns what happened, at the latest after `timeout`; none waits for ever. Empty after a time-out, a
  /// wake-up or a signal. Valid until the next call.
  std::span<const epoll_event> wait(std::optional<std::chrono::milliseconds> timeout) noexcept;

  /// Ends the current or the next `wait`. Any thread may call this.
  void wake() noexcept;

private:
  int epoll_ = -1;
  int wakeup_ = -1;
  /// What is watched, by descriptor: spares system calls that would change nothing.
  std::vector<std::uint32_t> interest_;
  std::array<epoll_event, 256> events_;
};

} // namespace magna
