#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <magna/messages/types.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

class call_board;

/// Passes health events on to a callback, on the client's thread. Thread-safe.
class health_listener : public std::enable_shared_from_this<health_listener> {
public:
  health_listener(std::function<void(const health_event&)> callback, std::shared_ptr<call_board> board);

  void start(health_subscriber_actor actor);
  /// By the actor.
  void hear(const health_event& what);
  /// Ends the actor; events that came before are still told.
  void detach();
  /// Ends the actor. When it returns no callback runs, and none will, unless it is called by one.
  void stop();

private:
  void tell(const health_event& what);

  const std::function<void(const health_event&)> callback_;
  const std::shared_ptr<call_board> board_;
  mutex mutex_;
  health_subscriber_actor actor_ MAGNA_GUARDED_BY(mutex_);
  /// Held while the callback runs, which may call `stop`.
  std::recursive_mutex telling_;
  bool stopped_ = false;
};

/// The actor's side of it.
class health_listener_state {
public:
  using handle_type = health_subscriber_actor;
  static constexpr const char* name = "magna.health_listener";

  health_listener_state(self_pointer<health_subscriber_actor> self, std::shared_ptr<health_listener> target);

  health_subscriber_actor::behavior_type make_behavior();

private:
  std::shared_ptr<health_listener> target_;
};

} // namespace magna
