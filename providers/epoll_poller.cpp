#include <magna/providers/epoll_poller.hpp>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace magna {

epoll_poller::epoll_poller() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0)
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  wakeup_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Edge-triggered: every write is one event, and nobody has to read the counter.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.fd = wakeup_;
  if (wakeup_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event) != 0) {
    const auto error = errno;
    if (wakeup_ >= 0)
      close(wakeup_);
    close(epoll_);
    throw std::system_error(error, std::generic_category(), "eventfd");
  }
}

epoll_poller::~epoll_poller() {
  close(wakeup_);
  close(epoll_);
}

void epoll_poller::watch(int fd, std::uint32_t events) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= interest_.size())
    interest_.resize(index + 1 + index / 2, 0);
  const auto before = std::exchange(interest_[index], events);
  if (events == before)
    return;
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const auto operation = events == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  epoll_ctl(epoll_, operation, fd, &event);
}

std::span<const epoll_event> epoll_poller::wait(std::optional<std::chrono::milliseconds> timeout) noexcept {
  using rep = std::chrono::milliseconds::rep;
  const auto limit = rep{std::numeric_limits<int>::max()};
  const auto wait_ms = timeout ? static_cast<int>(std::clamp(timeout->count(), rep{0}, limit)) : -1;
  const auto count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), wait_ms);
  if (count <= 0)
    return {};
  auto* const first = events_.data();
  auto* const last =
    std::remove_if(first, first + count, [this](const auto& x) { return x.data.fd == wakeup_; });
  return {first, last};
}

void epoll_poller::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when 2^64 - 2 wake-ups were not read, and then a wake-up is pending anyway.
  [[maybe_unused]] const auto written = write(wakeup_, &one, sizeof(one));
}

} // namespace magna
