#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <magna/client/client_call.hpp>
#include <magna/client/notifier.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

class health_listener;

/// What a client and its requests share; knows the requests that run. Thread-safe.
class call_board {
public:
  /// Enters a request and starts its actor, or ends it at once: nothing is taken after `stop_taking`.
  void open(const client_call_ptr& what, const std::function<call_actor()>& spawn);
  /// The same for who listens to health events; returns false after `close`.
  bool open(const std::shared_ptr<health_listener>& what, const std::function<void()>& start);

  void remove(const client_call& what);
  void note_provider(const std::string& name);
  std::string last_used_provider() const;
  notifier& news() noexcept { return news_; }

  /// From now on new requests end at once.
  void stop_taking();
  /// Waits until none runs. Returns how many still do at the limit.
  std::size_t wait_until_idle(std::chrono::steady_clock::time_point limit) const;
  /// Takes no more, and ends all that run as cancelled. When it returns they have ended, and nothing calls
  /// for an actor of theirs any more.
  void close();
  /// The service is gone.
  void on_service_lost(const std::string& reason);

private:
  std::vector<client_call_ptr> running() const;

  mutable mutex mutex_;
  mutable std::condition_variable_any idle_;
  std::unordered_map<const client_call*, client_call_ptr> running_ MAGNA_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<health_listener>> listeners_ MAGNA_GUARDED_BY(mutex_);
  bool taking_ MAGNA_GUARDED_BY(mutex_) = true;
  bool closed_ MAGNA_GUARDED_BY(mutex_) = false;
  std::string last_used_provider_ MAGNA_GUARDED_BY(mutex_);
  notifier news_;
};

} // namespace magna
