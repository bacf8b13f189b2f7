#include <magna/app/output.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace magna::app {

namespace {

/// How much a write may carry without blocking once poll says that there is room: POSIX promises PIPE_BUF
/// bytes for pipes; a terminal promises little; a file never blocks for long.
std::size_t room_of(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
    return std::size_t{1} << 20;
  return ::isatty(fd) == 1 ? 256 : PIPE_BUF;
}

} // namespace

output::output(int fd) : fd_(fd), most_at_once_(room_of(fd)) {}

void output::append(std::string_view bytes) {
  if (state_ == state::open)
    buffer_ += bytes;
}

short output::poll_events() const noexcept {
  // Without any event poll still reports that the reader is gone.
  return empty() ? short{0} : short{POLLOUT};
}

void output::handle(short events) {
  if (state_ != state::open || events == 0)
    return;
  // A pipe says POLLERR, a socket POLLHUP.
  if ((events & (POLLERR | POLLHUP)) != 0 && empty()) {
    state_ = state::closed;
    return;
  }
  if ((events & POLLNVAL) != 0) {
    state_ = state::failed;
    error_ = std::strerror(EBADF);
    return;
  }
  if (!empty())
    write_once();
}

void output::write_once() {
  const auto count = std::min(buffer_.size() - written_, most_at_once_);
  const auto result = ::write(fd_, buffer_.data() + written_, count);
  if (result < 0) {
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
      return;
    state_ = errno == EPIPE ? state::closed : state::failed;
    error_ = std::strerror(errno);
    return;
  }
  written_ += static_cast<std::size_t>(result);
  if (written_ == buffer_.size() || written_ > (std::size_t{1} << 20)) {
    buffer_.erase(0, written_);
    written_ = 0;
  }
}

} // namespace magna::app
