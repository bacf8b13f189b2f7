#include <magna/messages/caf.hpp>
#include <magna/tests/support/test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

using counter_actor = caf::typed_actor<caf::result<void>(int32_t), caf::result<int32_t>(caf::get_atom)>;

/// Adds up what it gets, and asks itself for one more every second.
struct counter_state {
  using handle_type = counter_actor;

  static constexpr const char* name = "magna.test.counter";

  explicit counter_state(magna::self_pointer<counter_actor> selfptr, bool tick)
    : self(selfptr), ticking(tick) {}

  counter_actor::behavior_type make_behavior() {
    rearm();
    return {
      [this](int32_t x) {
        sum += x;
        rearm();
      },
      [this](caf::get_atom) { return sum; },
    };
  }

  void rearm() {
    if (ticking)
      timer = self->mail(int32_t{1}).delay(1s).send(caf::actor_cast<counter_actor>(self));
  }

  magna::self_pointer<counter_actor> self;
  bool ticking;
  int32_t sum = 0;
  caf::disposable timer;
};

using silent_actor = caf::typed_actor<caf::result<int32_t>(caf::get_atom)>;

/// Never answers.
struct silent_state {
  using handle_type = silent_actor;

  static constexpr const char* name = "magna.test.silent";

  explicit silent_state(magna::self_pointer<silent_actor> selfptr) : self(selfptr) {}

  silent_actor::behavior_type make_behavior() {
    return {
      [this](caf::get_atom) -> caf::result<int32_t> {
        promises.push_back(self->make_response_promise<int32_t>());
        return promises.back();
      },
    };
  }

  magna::self_pointer<silent_actor> self;
  std::vector<caf::typed_response_promise<int32_t>> promises;
};

using parent_actor = caf::typed_actor<caf::result<void>(int32_t)>;

/// Replaces its child whenever that ends.
struct parent_state {
  using handle_type = parent_actor;

  static constexpr const char* name = "magna.test.parent";

  explicit parent_state(magna::self_pointer<parent_actor> selfptr) : self(selfptr) {}

  parent_actor::behavior_type make_behavior() {
    start_child();
    return {
      [](int32_t) {},
    };
  }

  void start_child() {
    child = magna::spawn_state<counter_state>(self->system(), true);
    self->monitor(child, [this](const caf::error&) { start_child(); });
  }

  magna::self_pointer<parent_actor> self;
  counter_actor child;
};

} // namespace

SUITE("deterministic") {

WITH_FIXTURE(magna::test::deterministic) {

TEST("messages wait until they are dispatched") {
  auto counter = magna::spawn_state<counter_state>(sys, false);
  magna::anon_mail(int32_t{1}).send(counter);
  magna::anon_mail(int32_t{2}).send(counter);
  check(dispatch_message());
  check(dispatch_message());
  check(!dispatch_message());
  check_eq(ask<int32_t>(counter, caf::get_atom_v), 3);
}

TEST("one message goes to the actor that is named") {
  auto first = magna::spawn_state<counter_state>(sys, false);
  auto second = magna::spawn_state<counter_state>(sys, false);
  magna::anon_mail(int32_t{1}).send(first);
  magna::anon_mail(int32_t{1}).send(second);
  check(dispatch_message(second));
  check(!dispatch_message(second));
  check(dispatch_message(first));
  check_eq(dispatch_messages(), 0u);
}

TEST("time stands still until it is advanced") {
  auto counter = magna::spawn_state<counter_state>(sys, true);
  dispatch_messages();
  check_eq(num_timeouts(), 1u);
  check_eq(advance_time(999ms), 0u);
  dispatch_messages();
  check_eq(ask<int32_t>(counter, caf::get_atom_v), 0);
  check_eq(advance_time(1ms), 1u);
  dispatch_messages();
  check_eq(ask<int32_t>(counter, caf::get_atom_v), 1);
  check(trigger_timeout());
  dispatch_messages();
  check_eq(ask<int32_t>(counter, caf::get_atom_v), 2);
  inject_exit(counter);
  check(terminated(counter));
}

TEST("a disposed timer is not pending") {
  auto timer = sys.clock().schedule(sys.clock().now() + 1s, caf::make_action([] {}));
  check(has_pending_timeout());
  timer.dispose();
  check(!has_pending_timeout());
}

TEST("actors that set timers and spawn others forever don't hold up the end of a test") {
  auto parent = magna::spawn_state<parent_state>(sys);
  auto ticking = magna::spawn_state<counter_state>(sys, true);
  dispatch_messages();
  magna::anon_mail(int32_t{1}).send(ticking);
}

TEST("a request that is not answered yet is an error") {
  auto silent = magna::spawn_state<silent_state>(sys);
  auto answer = ask<int32_t>(silent, caf::get_atom_v);
  check(!answer);
  check_eq(answer.error(), caf::sec::request_timeout);
  inject_exit(silent);
}

TEST("values survive serialization") {
  check_eq(serialization_roundtrip(std::string{"text"}), std::string{"text"});
}

} // WITH_FIXTURE(magna::test::deterministic)

} // SUITE("deterministic")
