#pragma once

#include <magna/app/wakeup.hpp>

namespace magna::app {

/// Keeps SIGINT, SIGTERM and SIGHUP away from the threads that are started while it lives: they inherit the
/// mask of the thread that starts them, and so the signals come to the main thread.
class signal_shield {
public:
  signal_shield() noexcept;
  ~signal_shield();
  signal_shield(const signal_shield&) = delete;
  signal_shield& operator=(const signal_shield&) = delete;
};

/// What `make` makes, with a shield for the threads that this starts.
template <class F>
auto shielded(F&& make) {
  const signal_shield shield;
  return make();
}

/// What SIGHUP means: its own effect, the end of the process, or to read the configuration again.
enum class hangup { is_end, is_reload };

/// Turns the first SIGINT or SIGTERM into a wake, so that work can be cancelled in order; the second ends the
/// process at once with status 130. One at a time; the signals' own effect is back when it ends.
class cancel_signals {
public:
  /// `target` must outlive this.
  explicit cancel_signals(const wakeup& target, hangup meaning = hangup::is_end) noexcept;
  ~cancel_signals();
  cancel_signals(const cancel_signals&) = delete;
  cancel_signals& operator=(const cancel_signals&) = delete;

  /// Whether a signal came.
  bool raised() const noexcept;

  /// Whether SIGHUP came since the last call.
  bool take_hangup() const noexcept;

private:
  hangup meaning_;
};

/// Makes writing to a closed pipe an error instead of the end of the process.
void ignore_broken_pipes() noexcept;

} // namespace magna::app
