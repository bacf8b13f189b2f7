#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace magna::app {

/// What goes to stdout, buffered so that nobody waits for a slow reader. Not thread-safe.
///
/// The descriptor stays in blocking mode, which others may share; a write is only tried after poll said that
/// there is room, and is small enough to find it.
class output {
public:
  enum class state : std::uint8_t {
    open,
    /// The reader is gone (EPIPE).
    closed,
    /// See `error`.
    failed,
  };

  explicit output(int fd);

  void append(std::string_view bytes);

  /// Bytes that wait.
  std::size_t unwritten() const noexcept { return buffer_.size() - written_; }
  bool empty() const noexcept { return unwritten() == 0; }
  state now() const noexcept { return state_; }
  /// In words, what went wrong.
  const std::string& error() const noexcept { return error_; }
  int fd() const noexcept { return fd_; }

  /// The events to poll `fd` for.
  short poll_events() const noexcept;

  /// Handles what poll reported for `fd`: writes once, or notes that the reader is gone.
  void handle(short events);

private:
  void write_once();

  int fd_;
  std::size_t most_at_once_;
  std::string buffer_;
  std::size_t written_ = 0;
  state state_ = state::open;
  std::string error_;
};

} // namespace magna::app
