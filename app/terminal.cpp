#include <magna/app/terminal.hpp>

#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace magna::app {

bool is_terminal(int fd) noexcept {
  return ::isatty(fd) == 1;
}

bool can_rewrite(int fd) noexcept {
  const auto* term = std::getenv("TERM");
  return is_terminal(fd) && (term == nullptr || std::string_view{term} != "dumb");
}

bool wants_colour(int fd) noexcept {
  const auto* no_colour = std::getenv("NO_COLOR");
  return can_rewrite(fd) && (no_colour == nullptr || *no_colour == '\0');
}

bool is_reader_gone(int fd) noexcept {
  pollfd watched{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&watched, 1, 0) == 1 && (watched.revents & (POLLERR | POLLHUP)) != 0;
}

void reserve_standard_descriptors() noexcept {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) == -1)
      (void)::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); // the lowest free descriptor is this one
}

std::string paint::wrap(std::string_view code, std::string_view text) const {
  if (!enabled_)
    return std::string{text};
  return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
}

} // namespace magna::app
