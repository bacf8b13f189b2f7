#pragma once

#include <caf/logger.hpp>

namespace magna {

/// Around calls of CAF on a thread that is not CAF's. A thread that spawns an actor, or is one, keeps the
/// system's logger until it ends, and the end of an actor system waits for its logger: without this guard it
/// would wait for the end of every thread that has ever used it.
class caf_guest {
public:
  caf_guest() : before_(caf::logger::current_logger()) {}
  ~caf_guest() {
    if (caf::logger::current_logger() != before_)
      forget<caf::logger>();
  }
  caf_guest(const caf_guest&) = delete;
  caf_guest& operator=(const caf_guest&) = delete;

private:
  /// CAF 0.18 names an actor system, CAF 1.x a logger.
  template <class Logger>
  static void forget() {
    if constexpr (requires { Logger::set_current_actor_system(nullptr); })
      Logger::set_current_actor_system(nullptr);
    else
      Logger::current_logger(nullptr);
  }

  const caf::logger* before_;
};

} // namespace magna
