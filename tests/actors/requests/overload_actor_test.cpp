#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

struct overload_fixture : runtime_fixture {
  /// A stream at provider "one" alone.
  received_ptr ask_one() {
    auto what = make_request("hi");
    what.targets = {"one"};
    return ask_stream(what);
  }

  void finish(std::size_t transfer) {
    auto& x = *http->transfers.at(transfer);
    x.head(200);
    x.token("done");
    x.finish();
    x.end();
    dispatch_messages();
  }
};

} // namespace

SUITE("overload") {

WITH_FIXTURE(overload_fixture) {

TEST("as many attempts run at a provider as it may have; the others wait in order") {
  config.max_in_flight = 2;
  config.queue_timeout = 60s;
  start();
  std::vector<received_ptr> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(ask_one());
  check_eq(http->transfers.size(), 2u);
  finish(1);
  check_eq(http->transfers.size(), 3u);
  finish(0);
  check_eq(http->transfers.size(), 4u);
  finish(2);
  finish(3);
  for (const auto& got : all) {
    check_eq(got->text(), "done");
    check_eq(got->ends(), 1u);
  }
  check_eq(pending_timers(), 0u);
}

TEST("who waits too long for a place is overloaded and told when to come again") {
  config.max_in_flight = 1;
  config.queue_timeout = 2s;
  start();
  ask_one();
  const auto waits = ask_one();
  pass(1900ms);
  check_eq(waits->ends(), 0u);
  pass(200ms);
  require_eq(waits->failures.size(), 1u);
  check_eq(waits->failures[0].error, errc::overloaded);
  check(waits->failures[0].retry_after.has_value());
  check(waits->failures[0].retryable);
  check_found(waits->failures[0].message, "queue_timeout_seconds");
  check_eq(http->transfers.size(), 1u);
}

TEST("a full queue is overloaded at once, and says which settings it is about") {
  config.max_in_flight = 1;
  config.max_queued = 1;
  start();
  ask_one();
  ask_one();
  const auto refused = ask_one();
  require_eq(refused->failures.size(), 1u);
  check_eq(refused->failures[0].error, errc::overloaded);
  check(refused->failures[0].retry_after.has_value());
  check_found(refused->failures[0].message, "max_in_flight and max_queued");
}

TEST("what a full provider can't take goes to the next one, and costs the first one no health") {
  config.providers[0].max_in_flight = 1;
  config.providers[0].max_queued = 0;
  http->scripts["two"] = {answer("from the second")};
  start();
  ask_one();
  const auto got = ask_stream("hi");
  check_eq(got->text(), "from the second");
  require_eq(got->completions.size(), 1u);
  require_eq(got->completions[0].attempts.size(), 2u);
  check(got->completions[0].attempts[0].error == errc::overloaded);
  check_eq(status_of("one").failures, 0u);
  check_eq(status_of("one").state, health_state::unknown);
}

TEST("without descriptors the failure says so, and no provider is blamed") {
  const auto no_descriptor = [](fake_transfer& x) {
    x.end(transfer_error{errc::overloaded, "no connection to it: too many open files; raise ulimit -n"});
  };
  http->scripts["one"] = {no_descriptor};
  http->scripts["two"] = {no_descriptor};
  config.providers.resize(2);
  start();
  for (int i = 0; i < 4; ++i) {
    const auto got = ask_stream("hi");
    require_eq(got->failures.size(), 1u);
    check_eq(got->failures[0].error, errc::overloaded);
    check_found(got->failures[0].message, "too many open files; raise ulimit -n");
  }
  for (const auto* provider : {"one", "two"}) {
    check_eq(status_of(provider).failures, 0u);
    check_eq(status_of(provider).state, health_state::unknown);
  }
}

TEST("a certificate that is wrong is left for the next provider at once") {
  http->scripts["one"] = {[](fake_transfer& x) {
    x.end(transfer_error{errc::provider_error, "the certificate is wrong", false});
  }};
  http->scripts["two"] = {answer("from the second")};
  start();
  const auto got = ask_stream("hi");
  check_eq(got->text(), "from the second");
  check_eq(http->to("one").size(), 1u);
}

TEST("a request that is cancelled while it waits takes no place, and no timer stays") {
  config.max_in_flight = 1;
  config.queue_timeout = 60s;
  start();
  ask_one();
  const auto gone = ask_one();
  anon_mail(cancel{opened->request_id}).send(table->orchestrator());
  dispatch_messages();
  require_eq(gone->failures.size(), 1u);
  check_eq(gone->failures[0].error, errc::cancelled);
  const auto next = ask_one();
  finish(0);
  check_eq(http->transfers.size(), 2u);
  finish(1);
  check_eq(next->text(), "done");
  check_eq(pending_timers(), 0u);
}

TEST("the request's own deadline ends it while it waits for a place") {
  config.max_in_flight = 1;
  config.queue_timeout = 60s;
  start();
  ask_one();
  auto what = make_request("hi");
  what.targets = {"one"};
  what.deadline = 3s;
  const auto got = ask_stream(what);
  pass(3100ms);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::deadline_exceeded);
  finish(0);
  check_eq(http->transfers.size(), 1u);
}

TEST("those who wait at a provider that crashes are tried again at its successor") {
  config.max_in_flight = 1;
  config.queue_timeout = 60s;
  start();
  ask_one();
  const auto waits = ask_one();
  http->scripts["one"] = {answer("after all")};
  inject_exit(table->provider("one"), caf::exit_reason::kill);
  dispatch_messages();
  pass(3s);
  check_eq(waits->text(), "after all");
  check_eq(waits->ends(), 1u);
}

TEST("one request more than the orchestrator may have is overloaded at once; places come free again") {
  config.max_requests = 2;
  start();
  ask_stream("a");
  const auto second = opened ? ask_stream("b") : nullptr;
  ask_stream("c");
  check(!opened.has_value());
  check(refusal == errc::overloaded);
  const auto context = caf::make_const_typed_message_view<failure>(refusal.context());
  require(static_cast<bool>(context));
  check(caf::get<0>(context).retry_after.has_value());
  check_found(caf::get<0>(context).message, "max_requests");
  finish(0);
  ask_stream("d");
  check(opened.has_value());
}

TEST("an outage does not multiply the traffic: beyond the budget the next provider is asked") {
  config.retry_delay = 0ms;
  config.max_retries = 3;
  config.failure_threshold = 100;
  config.retry_budget = {.percent = 20, .minimum = 10};
  http->scripts["one"] = {break_after("")};
  http->scripts["two"] = {answer("fine")};
  start();
  for (int i = 0; i < 30; ++i)
    check_eq(ask_stream("hi")->text(), "fine");
  // 30 first attempts and 10 retries: a fifth of 30 is less than the minimum.
  check_eq(http->to("one").size(), 40u);
  check_eq(http->to("two").size(), 30u);
}

} // WITH_FIXTURE(overload_fixture)

} // SUITE("overload")
