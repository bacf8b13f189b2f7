#include <magna/actors/requests/admission_gate.hpp>

#include <magna/tests/support/test.hpp>

#include <stdexcept>

using namespace magna;
using namespace std::chrono_literals;
using verdict = admission_gate::verdict;

SUITE("admission gate") {

TEST("as many enter as there are places, then as many wait, then the next one is refused") {
  admission_gate gate{2, 1};
  check(gate.ask() == verdict::enter);
  gate.enter();
  check(gate.ask() == verdict::enter);
  gate.enter();
  check(gate.ask() == verdict::wait);
  gate.start_waiting();
  check(gate.ask() == verdict::refuse);
}

TEST("without places to wait a full house refuses at once") {
  admission_gate gate{1, 0};
  gate.enter();
  check(gate.ask() == verdict::refuse);
  gate.leave(1s);
  check(gate.ask() == verdict::enter);
}

TEST("nobody overtakes those who wait") {
  admission_gate gate{1, 2};
  gate.enter();
  gate.start_waiting();
  gate.leave(1s);
  check(gate.has_place());
  check(gate.ask() == verdict::wait);
}

TEST("a smaller house throws nobody out") {
  admission_gate gate{3, 0};
  gate.enter();
  gate.enter();
  gate.resize(1, 0);
  check_eq(gate.inside(), 2u);
  gate.leave(1s);
  check(gate.ask() == verdict::refuse);
  gate.leave(1s);
  check(gate.ask() == verdict::enter);
}

TEST("the time to come again follows from how long the others stay and how many wait") {
  admission_gate gate{4, 10};
  check_eq(gate.retry_after(), steady_duration{1s});
  gate.enter();
  gate.leave(8s);
  check_eq(gate.retry_after(), steady_duration{2s});
  gate.start_waiting();
  gate.start_waiting();
  check_eq(gate.retry_after(), steady_duration{6s});
}

TEST("the time to come again is never absurd") {
  admission_gate fast{100, 0};
  fast.enter();
  fast.leave(1ms);
  check_eq(fast.retry_after(), steady_duration{100ms});
  admission_gate slow{1, 0};
  slow.enter();
  slow.leave(2h);
  check_eq(slow.retry_after(), steady_duration{60s});
}

TEST("only what came can go, and a house has a place") {
  admission_gate gate{1, 1};
  check_throws<std::logic_error>([&] { gate.leave(1s); });
  check_throws<std::logic_error>([&] { gate.stop_waiting(); });
  gate.enter();
  check_throws<std::logic_error>([&] { gate.leave(-1s); });
  gate.leave(0s);
  check_eq(gate.inside(), 0u);
  check_throws<std::logic_error>([&] { gate.resize(0, 1); });
  check_throws<std::logic_error>([] { admission_gate{0, 1}; });
}

} // SUITE("admission gate")
