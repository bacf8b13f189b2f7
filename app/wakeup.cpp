#include <magna/app/wakeup.hpp>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace magna::app {

wakeup::wakeup() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ == -1)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
}

wakeup::~wakeup() {
  ::close(fd_);
}

void wakeup::wake() const noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the poller wakes anyway.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void wakeup::reset() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto taken = ::read(fd_, &count, sizeof count);
}

} // namespace magna::app
