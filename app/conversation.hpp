#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <variant>

#include <caf/error.hpp>

#include <magna/app/wakeup.hpp>
#include <magna/messages/caf.hpp>
#include <magna/messages/types.hpp>
#include <magna/text/mutex.hpp>

namespace magna::app {

/// What a requester hears of its request.
using event = std::variant<accepted, chunk, completion, failure>;

/// Carries events from a requester actor to the main thread, which polls `signal().fd()`.
class inbox {
public:
  void push(event what) {
    {
      const mutex_lock guard{mutex_};
      events_.push_back(std::move(what));
    }
    wakeup_.wake();
  }

  /// All events since the last call.
  std::deque<event> take() {
    wakeup_.reset();
    const mutex_lock guard{mutex_};
    return std::exchange(events_, {});
  }

  const wakeup& signal() const noexcept { return wakeup_; }

private:
  wakeup wakeup_;
  mutex mutex_;
  std::deque<event> events_ MAGNA_GUARDED_BY(mutex_);
};

/// Sends one request and forwards all that comes back to an inbox. Ends after the request's end.
class conversation_state {
public:
  using handle_type = requester_actor;
  static constexpr const char* name = "magna.conversation";

  conversation_state(self_pointer<requester_actor> self, service_actor service, shared_request question,
                     std::shared_ptr<inbox> target);

  requester_actor::behavior_type make_behavior();

private:
  template <class T>
  void end(T&& what) {
    target_->push(std::forward<T>(what));
    self_->quit();
  }

  self_pointer<requester_actor> self_;
  service_actor service_;
  shared_request question_;
  std::shared_ptr<inbox> target_;
};

} // namespace magna::app
