#include <magna/app/signals.hpp>

#include <magna/app/exit_status.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>

#include <pthread.h>
#include <unistd.h>

namespace magna::app {

namespace {

constexpr int cancelling[] = {SIGINT, SIGTERM};
constexpr int for_main_thread[] = {SIGINT, SIGTERM, SIGHUP};

// What a handler may touch: lock-free atomics only.
std::atomic<int> signal_count{0};
std::atomic<bool> hung_up{false};
std::atomic<const wakeup*> wake_target{nullptr};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<const wakeup*>::is_always_lock_free);

extern "C" void on_cancel_signal(int) {
  const auto before = errno;
  if (signal_count.fetch_add(1) > 0)
    ::_exit(exit_cancelled);
  if (const auto* target = wake_target.load())
    target->wake();
  errno = before;
}

extern "C" void on_hangup(int) {
  const auto before = errno;
  hung_up = true;
  if (const auto* target = wake_target.load())
    target->wake();
  errno = before;
}

void handle(int signal, void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler; // without SA_RESTART: a write that hangs must come back
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

void mask(int how) noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const auto signal : for_main_thread)
    sigaddset(&set, signal);
  ::pthread_sigmask(how, &set, nullptr);
}

} // namespace

signal_shield::signal_shield() noexcept {
  mask(SIG_BLOCK);
}

signal_shield::~signal_shield() {
  mask(SIG_UNBLOCK);
}

cancel_signals::cancel_signals(const wakeup& target, hangup meaning) noexcept : meaning_(meaning) {
  signal_count = 0;
  hung_up = false;
  wake_target = &target;
  for (const auto signal : cancelling)
    handle(signal, on_cancel_signal);
  if (meaning_ == hangup::is_reload)
    handle(SIGHUP, on_hangup);
}

cancel_signals::~cancel_signals() {
  for (const auto signal : cancelling)
    handle(signal, SIG_DFL);
  if (meaning_ == hangup::is_reload)
    handle(SIGHUP, SIG_DFL);
  wake_target = nullptr;
}

bool cancel_signals::raised() const noexcept {
  return signal_count.load() > 0;
}

bool cancel_signals::take_hangup() const noexcept {
  return hung_up.exchange(false);
}

void ignore_broken_pipes() noexcept {
  handle(SIGPIPE, SIG_IGN);
}

} // namespace magna::app
