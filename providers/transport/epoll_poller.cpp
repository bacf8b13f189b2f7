#include <magna/providers/transport/epoll_poller.hpp>

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

epoll_poller::socket_state& epoll_poller::state_of(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= sockets_.size())
    sockets_.resize(index + 1 + index / 2);
  return sockets_[index];
}

int epoll_poller::apply(int fd, socket_state& x, std::uint32_t events) noexcept {
  const auto before = std::exchange(x.watched, events);
  if (events == before)
    return 0;
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const auto operation = events == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_, operation, fd, &event) == 0 || events == 0)
    return 0;
  x.watched = before;
  return errno;
}

int epoll_poller::watch(int fd, std::uint32_t events) {
  auto& x = state_of(fd);
  x.wanted = events;
  return events != 0 || !x.kept ? apply(fd, x, events) : 0;
}

void epoll_poller::keep(int fd) {
  state_of(fd) = {.kept = true};
}

int epoll_poller::close_kept(int fd) {
  // The system forgets what is closed.
  state_of(fd) = {};
  return close(fd);
}

std::span<const epoll_event> epoll_poller::wait(std::optional<std::chrono::milliseconds> timeout) noexcept {
  using rep = std::chrono::milliseconds::rep;
  const auto limit = rep{std::numeric_limits<int>::max()};
  const auto wait_ms = timeout ? static_cast<int>(std::clamp(timeout->count(), rep{0}, limit)) : -1;
  const auto count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), wait_ms);
  if (count <= 0)
    return {};
  auto* const first = events_.data();
  auto* const last = std::remove_if(first, first + count, [this](const auto& event) {
    const auto fd = event.data.fd;
    if (fd == wakeup_)
      return true;
    auto& x = sockets_[static_cast<std::size_t>(fd)];
    if (x.wanted != 0)
      return false;
    // One that stayed although nobody watches it: something happens after all.
    apply(fd, x, 0);
    return true;
  });
  return {first, last};
}

void epoll_poller::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when 2^64 - 2 wake-ups were not read, and then a wake-up is pending anyway.
  [[maybe_unused]] const auto written = write(wakeup_, &one, sizeof(one));
}

} // namespace magna
