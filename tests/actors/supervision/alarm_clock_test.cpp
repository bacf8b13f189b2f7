#include <magna/actors/supervision/alarm_clock.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/types.hpp>
#include <magna/tests/support/test.hpp>

#include <caf/actor_cast.hpp>

#include <chrono>
#include <memory>
#include <vector>

using namespace magna;
using namespace std::chrono_literals;

namespace {

/// Counts how often it is woken.
struct sleeper_state {
  using handle_type = alarm_clock::sleeper;
  static constexpr const char* name = "test.sleeper";

  explicit sleeper_state(self_pointer<alarm_clock::sleeper>, std::shared_ptr<int> count)
    : woken(std::move(count)) {}

  alarm_clock::sleeper::behavior_type make_behavior() {
    return {[this](const deadline_tick&) { ++*woken; }};
  }

  std::shared_ptr<int> woken;
};

struct alarm_fixture : magna::test::deterministic {
  std::shared_ptr<alarm_clock> alarms = std::make_shared<alarm_clock>(sys);
  std::shared_ptr<int> woken = std::make_shared<int>(0);
  alarm_clock::sleeper actor = spawn_state<sleeper_state>(sys, woken);

  alarm_clock::alarm in(std::chrono::milliseconds delay) {
    return alarms->set(sys.clock().now() + delay, caf::actor_cast<caf::weak_actor_ptr>(actor));
  }

  int woken_after(std::chrono::milliseconds time) {
    advance_time(time);
    dispatch_messages();
    return *woken;
  }
};

} // namespace

SUITE("alarm_clock") {

WITH_FIXTURE(alarm_fixture) {

TEST("an alarm goes off once, when it is due") {
  const auto alarm = in(100ms);
  check_eq(woken_after(99ms), 0);
  check_eq(woken_after(1ms), 1);
  check_eq(woken_after(10s), 1);
  check_eq(alarms->pending(), 0u);
  check(!alarms->armed());
}

TEST("one that is called off, replaced or forgotten does not") {
  auto called_off = in(10ms);
  called_off.call_off();
  check(!called_off.is_set());
  { const auto forgotten = in(10ms); }
  auto replaced = in(10ms);
  replaced = in(50ms);
  check_eq(alarms->pending(), 1u);
  check_eq(woken_after(49ms), 0);
  check_eq(woken_after(1ms), 1);
}

TEST("any number of alarms needs one timer") {
  std::vector<alarm_clock::alarm> all;
  for (int i = 100; i > 0; --i)
    all.push_back(in(i * 10ms));
  check_eq(alarms->pending(), 100u);
  check_eq(num_timeouts(), 1u);
  for (int i = 1; i <= 100; ++i)
    check_eq(woken_after(10ms), i);
  check_eq(num_timeouts(), 0u);
}

TEST("an earlier alarm than all others is not missed, nor are those that were there before") {
  const auto late = in(1s);
  const auto early = in(10ms);
  check_eq(woken_after(10ms), 1);
  check_eq(woken_after(989ms), 1);
  check_eq(woken_after(1ms), 2);
}

TEST("an alarm that is due already goes off at once") {
  const auto alarm = in(-5ms);
  check_eq(woken_after(1ms), 1);
}

TEST("an actor that is gone is not woken, and not kept") {
  dispatch_messages();
  const auto alarm = in(10ms);
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(actor);
  actor = nullptr;
  check(!weak.lock());
  check_eq(woken_after(1s), 0);
}

TEST("alarms outlive their clock's last owner") {
  auto alarm = in(10ms);
  alarms.reset();
  check_eq(woken_after(10ms), 1);
  alarm.call_off();
}

} // WITH_FIXTURE(alarm_fixture)

} // SUITE("alarm_clock")
