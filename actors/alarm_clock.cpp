#include <magna/actors/alarm_clock.hpp>

#include <algorithm>
#include <vector>

#include <caf/action.hpp>
#include <caf/actor_cast.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/types.hpp>

namespace magna {

void alarm_clock::alarm::call_off() {
  if (const auto owner = std::exchange(owner_, nullptr)) {
    const std::lock_guard guard{owner->mutex_};
    owner->entries_.erase({when_, id_, {}});
  }
}

alarm_clock::alarm alarm_clock::set(steady_time when, caf::weak_actor_ptr whom) {
  const std::lock_guard guard{mutex_};
  const auto id = ++last_id_;
  entries_.insert({when, id, std::move(whom)});
  arm();
  return {shared_from_this(), when, id};
}

std::size_t alarm_clock::pending() const {
  const std::lock_guard guard{mutex_};
  return entries_.size();
}

bool alarm_clock::armed() const {
  const std::lock_guard guard{mutex_};
  return armed_ != steady_time::max();
}

void alarm_clock::arm() {
  if (entries_.empty() || entries_.begin()->when >= armed_)
    return;
  armed_ = entries_.begin()->when;
  timer_.dispose();
  timer_ = clock_.schedule(armed_, caf::make_action([weak = weak_from_this()] {
                             if (const auto self = weak.lock())
                               self->go_off();
                           }));
}

void alarm_clock::go_off() {
  std::vector<caf::weak_actor_ptr> due;
  {
    const std::lock_guard guard{mutex_};
    const auto now = clock_.now();
    auto next = entries_.begin();
    for (; next != entries_.end() && next->when <= now; ++next)
      due.push_back(next->whom);
    entries_.erase(entries_.begin(), next);
    // Called by a timer that was overtaken just now: the one that did so is still to come.
    if (armed_ <= now)
      armed_ = steady_time::max();
    arm();
  }
  for (const auto& whom : due)
    if (const auto strong = caf::actor_cast<caf::strong_actor_ptr>(whom))
      anon_mail(deadline_tick{}).send(caf::actor_cast<sleeper>(strong));
}

} // namespace magna
