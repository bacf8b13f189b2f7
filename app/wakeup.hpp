#pragma once

namespace magna::app {

/// Wakes a thread that polls `fd()`. `wake` may be called from any thread and from a signal handler.
class wakeup {
public:
  /// Throws std::system_error.
  wakeup();
  ~wakeup();
  wakeup(const wakeup&) = delete;
  wakeup& operator=(const wakeup&) = delete;

  int fd() const noexcept { return fd_; }
  void wake() const noexcept;
  /// Takes back all wakes so far.
  void reset() const noexcept;

private:
  int fd_;
};

} // namespace magna::app
