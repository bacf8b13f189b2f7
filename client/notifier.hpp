#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace magna {

/// Runs what a program wants to be told, one call after another, on a thread of its own: a callback that
/// takes its time, or blocks, holds up no actor. Thread-safe.
class notifier {
public:
  /// Throws std::system_error when the process has no thread left.
  notifier();
  ~notifier();
  notifier(const notifier&) = delete;
  notifier& operator=(const notifier&) = delete;

  /// Returns false, and takes nothing, after `stop`.
  bool post(std::function<void()> job);

  /// Takes nothing more; returns when all that was posted has run. On the thread itself, which cannot wait
  /// for its own end, it returns at once, and the rest runs after the job that called.
  void stop();

private:
  struct state;
  static void run(const std::shared_ptr<state>& all);

  std::shared_ptr<state> state_;
};

} // namespace magna
