#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <caf/actor_addr.hpp>

#include <magna/messages/actors.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// Who hears of health events, in the order of their subscription. Outlives the health monitor, whose
/// successor goes on with them. Thread-safe.
class health_subscribers {
public:
  std::vector<health_subscriber_actor> all() const {
    const mutex_lock guard{mutex_};
    return list_;
  }

  /// A subscriber that is known already stays where it is.
  void add(const health_subscriber_actor& subscriber) {
    const mutex_lock guard{mutex_};
    if (std::ranges::find(list_, subscriber) == list_.end())
      list_.push_back(subscriber);
  }

  void remove(const caf::actor_addr& subscriber) {
    // What is released is released after the lock.
    health_subscriber_actor released;
    const mutex_lock guard{mutex_};
    const auto found = std::ranges::find(list_, subscriber, &health_subscriber_actor::address);
    if (found == list_.end())
      return;
    released = std::move(*found);
    list_.erase(found);
  }

  /// Forgets all: actors and their references to this list would keep each other alive.
  void clear() {
    std::vector<health_subscriber_actor> released;
    const mutex_lock guard{mutex_};
    released.swap(list_);
  }

private:
  mutable mutex mutex_;
  std::vector<health_subscriber_actor> list_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace magna
