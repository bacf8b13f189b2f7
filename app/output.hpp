#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
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

  /// Appends bytes; `credit` is what `take_credit` gives back when they are written.
  void append(std::string_view bytes, std::uint64_t credit = 0);

  bool empty() const noexcept { return written_ == buffer_.size(); }
  state now() const noexcept { return state_; }
  /// In words, what went wrong.
  const std::string& error() const noexcept { return error_; }
  int fd() const noexcept { return fd_; }

  /// The events to poll `fd` for.
  short poll_events() const noexcept;

  /// Handles what poll reported for `fd`: writes once, or notes that the reader is gone.
  void handle(short events);

  /// The credit of all that was written since the last call.
  std::uint64_t take_credit() noexcept;

private:
  void write_once();

  struct mark {
    std::uint64_t end;
    std::uint64_t credit;
  };

  int fd_;
  std::size_t most_at_once_;
  std::string buffer_;
  std::size_t written_ = 0;
  /// Counts all bytes ever appended and written.
  std::uint64_t appended_total_ = 0;
  std::uint64_t written_total_ = 0;
  std::deque<mark> marks_;
  std::uint64_t credit_ = 0;
  state state_ = state::open;
  std::string error_;
};

} // namespace magna::app
