#include <magna/app/waiting.hpp>

#include <magna/app/terminal.hpp>
#include <magna/text/printable.hpp>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace magna::app {

namespace {

constexpr std::size_t longest_name = 60;
/// Back to the start of the line, and all of it gone.
constexpr std::string_view wipe = "\r\x1b[K";

std::string seconds_since(waiting_state::time_point start, waiting_state::time_point now) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - start).count()) + " s";
}

std::size_t columns_of(int fd) noexcept {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

std::string waiting_text(const waiting_state& what, waiting_state::time_point quiet_since,
                         waiting_state::time_point now) {
  const auto in_backoff = what.failed && now - what.since >= backoff_to_tell;
  if (what.provider.empty() || (!in_backoff && now - quiet_since < silence_to_tell))
    return {};
  const auto name = printable(what.provider, longest_name);
  const auto time = seconds_since(what.since, now);
  if (what.failed)
    return name + ": " + to_string(*what.failed) + "; waiting before the next attempt (" + time + ")";
  const auto attempt = what.attempt > 0 ? "attempt " + std::to_string(what.attempt) + ", " : std::string{};
  return "waiting for " + name + " (" + attempt + time + ")";
}

void waiting_observer::on_attempt_start(const attempt_start_event& what) {
  const std::lock_guard guard{mutex_};
  const auto again = state_.provider == what.provider;
  state_ = {.provider = what.provider,
            .attempt = again ? state_.attempt + 1 : 1,
            .failed = {},
            .since = std::chrono::steady_clock::now()};
  id_ = what.attempt_id;
}

void waiting_observer::on_attempt(const attempt_event& what) {
  const std::lock_guard guard{mutex_};
  // Of two at once the second is the one that is shown.
  if (what.attempt_id != id_ || !what.record.error)
    return;
  state_.failed = what.record.error;
  state_.since = std::chrono::steady_clock::now();
}

waiting_state waiting_observer::now() const {
  const std::lock_guard guard{mutex_};
  return state_;
}

void status_line::show(std::string_view text) {
  text = text.substr(0, columns_of(fd_) - 1);
  if (text == shown_)
    return;
  if (write(std::string{wipe} + paint{wants_colour(fd_)}.dim(text)))
    shown_ = text;
}

void status_line::erase() {
  if (!shown_.empty() && write(wipe))
    shown_.clear();
}

bool status_line::write(std::string_view bytes) const {
  pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
  return ::poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0
         && ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

} // namespace magna::app
