#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/disposable.hpp>
#include <caf/typed_actor.hpp>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/actors.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// Wakes actors with a deadline_tick. Nearly all deadlines of requests are called off before they are due,
/// and a timer of CAF costs more than the rest of a request: it wakes the clock's thread twice, and keeps the
/// memory of its actor until it would have fired. So one timer of CAF's serves for all of them: setting and
/// calling off an alarm is an entry in a list, however many there are. Knows actors weakly. Thread-safe;
/// lives as long as an alarm.
class alarm_clock : public std::enable_shared_from_this<alarm_clock> {
private:
  struct entry;
  using entries = std::list<entry>;
  struct entry {
    steady_time when;
    caf::weak_actor_ptr whom;
    /// The list that it is in.
    entries* home;
  };

public:
  /// Who can be woken.
  using sleeper = caf::typed_actor<caf::result<void>(deadline_tick)>;

  /// One deadline; called off by its destructor.
  class alarm {
  public:
    alarm() = default;
    alarm(std::shared_ptr<alarm_clock> owner, entries::iterator where)
      : owner_(std::move(owner)), where_(where), when_(where->when) {}
    alarm(alarm&& other) noexcept
      : owner_(std::move(other.owner_)), where_(other.where_), when_(other.when_) {}
    alarm& operator=(alarm&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(where_, other.where_);
      std::swap(when_, other.when_);
      return *this;
    }
    ~alarm() { call_off(); }

    void call_off();

    /// Whether it was set and neither called off nor moved from; it may have gone off by now.
    bool is_set() const noexcept { return owner_ != nullptr; }

    steady_time when() const noexcept { return when_; }

  private:
    std::shared_ptr<alarm_clock> owner_;
    entries::iterator where_;
    steady_time when_{};
  };

  /// The system must outlive all actors that set alarms.
  explicit alarm_clock(caf::actor_system& system) : system_(system) {}

  [[nodiscard]] alarm set(steady_time when, caf::weak_actor_ptr whom);

  /// How many alarms are set.
  std::size_t pending() const;

  /// Whether a timer of CAF's waits; there is never more than one.
  bool armed() const;

private:
  void go_off();
  /// Lets CAF's clock call then. Without the mutex: CAF's clock makes its callers wait when it is busy, and
  /// what it is busy with may be `go_off`.
  void arm(steady_time when);

  caf::actor_system& system_;
  mutable mutex mutex_;
  /// By time, in steps of `bucket_size`: there are few, for deadlines are much alike.
  std::map<std::int64_t, entries> buckets_ MAGNA_GUARDED_BY(mutex_);
  /// Those that have gone off, as long as their alarms are there.
  entries gone_ MAGNA_GUARDED_BY(mutex_);
  /// When CAF's clock is going to call; the latest of all times stands for never.
  steady_time armed_ MAGNA_GUARDED_BY(mutex_) = steady_time::max();
  caf::disposable timer_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace magna
