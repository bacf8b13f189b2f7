#include <magna/actors/supervision/alarm_clock.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <vector>

#include <caf/action.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/types.hpp>

namespace magna {

namespace {

constexpr std::chrono::milliseconds bucket_size{128};

std::int64_t bucket_of(steady_time when) {
  return when.time_since_epoch() / bucket_size;
}

} // namespace

void alarm_clock::alarm::call_off() {
  const auto owner = std::exchange(owner_, nullptr);
  if (!owner)
    return;
  const mutex_lock guard{owner->mutex_};
  auto* home = where_->home;
  home->erase(where_);
  if (home != &owner->gone_ && home->empty())
    owner->buckets_.erase(bucket_of(when_));
}

alarm_clock::alarm alarm_clock::set(steady_time when, caf::weak_actor_ptr whom) {
  entries::iterator made;
  bool is_next = false;
  {
    const mutex_lock guard{mutex_};
    auto& bucket = buckets_[bucket_of(when)];
    bucket.push_back({when, std::move(whom), &bucket});
    made = std::prev(bucket.end());
    is_next = when < armed_;
    if (is_next)
      armed_ = when;
  }
  if (is_next)
    arm(when);
  return alarm{shared_from_this(), made};
}

std::size_t alarm_clock::pending() const {
  const mutex_lock guard{mutex_};
  std::size_t result = 0;
  for (const auto& [when, bucket] : buckets_)
    result += bucket.size();
  return result;
}

bool alarm_clock::armed() const {
  const mutex_lock guard{mutex_};
  return armed_ != steady_time::max();
}

void alarm_clock::arm(steady_time when) {
  auto timer = system_.clock().schedule(when, caf::make_action([weak = weak_from_this()] {
                                          if (const auto self = weak.lock())
                                            self->go_off();
                                        }));
  {
    // Another one may have been faster with an earlier time, or this one is through already.
    const mutex_lock guard{mutex_};
    if (armed_ == when)
      std::swap(timer, timer_);
  }
  timer.dispose();
}

void alarm_clock::go_off() {
  std::vector<std::pair<steady_time, caf::weak_actor_ptr>> due;
  auto next_call = steady_time::max();
  {
    const mutex_lock guard{mutex_};
    const auto now = system_.clock().now();
    // Called by a timer that was overtaken just now: the one that did so is still to come.
    if (now < armed_)
      return;
    armed_ = steady_time::max();
    while (!buckets_.empty() && buckets_.begin()->first <= bucket_of(now)) {
      auto& bucket = buckets_.begin()->second;
      for (auto i = bucket.begin(); i != bucket.end();) {
        const auto next = std::next(i);
        if (i->when <= now) {
          due.emplace_back(i->when, std::move(i->whom));
          i->home = &gone_;
          gone_.splice(gone_.end(), bucket, i);
        }
        i = next;
      }
      if (!bucket.empty())
        break;
      buckets_.erase(buckets_.begin());
    }
    if (!buckets_.empty()) {
      const auto& first = buckets_.begin()->second;
      next_call = std::ranges::min_element(first, {}, &entry::when)->when;
      armed_ = next_call;
    }
  }
  // Not on this thread: it is CAF's clock's own, which would wait for itself when it is busy.
  if (next_call != steady_time::max())
    system_.spawn([weak = weak_from_this(), next_call](caf::event_based_actor*) {
      if (const auto self = weak.lock())
        self->arm(next_call);
    });
  std::ranges::stable_sort(due, {}, [](const auto& x) { return x.first; });
  for (const auto& [when, whom] : due)
    if (const auto strong = caf::actor_cast<caf::strong_actor_ptr>(whom))
      anon_mail(deadline_tick{}).send(caf::actor_cast<sleeper>(strong));
}

} // namespace magna
