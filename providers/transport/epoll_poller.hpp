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

  /// Reports `events` (EPOLLIN, EPOLLOUT) of a socket from now on, level-triggered; none of them: nothing is
  /// reported of it, not even a hang-up. Stop watching a socket before closing it. Returns 0, or the error
  /// where the system watches no more of them.
  int watch(int fd, std::uint32_t events);

  /// The socket is going to be closed with `close_kept`, and nowhere else. One that is watched again and
  /// again then costs no system calls in between: while nothing happens on it, it stays where it is.
  void keep(int fd);

  /// Closes a socket that is kept. Returns what close returns.
  int close_kept(int fd);

  /// Returns what happened, at the latest after `timeout`; none waits for ever. Empty after a time-out, a
  /// wake-up or a signal. Valid until the next call.
  std::span<const epoll_event> wait(std::optional<std::chrono::milliseconds> timeout) noexcept;

  /// Ends the current or the next `wait`. Any thread may call this.
  void wake() noexcept;

private:
  int epoll_ = -1;
  int wakeup_ = -1;
  struct socket_state {
    /// What is asked for.
    std::uint32_t wanted = 0;
    /// What the system watches.
    std::uint32_t watched = 0;
    bool kept = false;
  };

  socket_state& state_of(int fd);
  int apply(int fd, socket_state& x, std::uint32_t events) noexcept;

  /// By descriptor: spares system calls that would change nothing.
  std::vector<socket_state> sockets_;
  std::array<epoll_event, 256> events_;
};

} // namespace magna
