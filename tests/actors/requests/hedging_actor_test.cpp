#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

struct hedging_fixture : runtime_fixture {
  hedging_fixture() {
    config.hedge = true;
    config.hedge_delay = 500ms;
  }
};

using strings = std::vector<std::string>;

} // namespace

SUITE("hedging") {

WITH_FIXTURE(hedging_fixture) {

TEST("a late provider is joined by the next one, whose first content wins") {
  http->scripts["two"] = {answer("the faster one")};
  start();
  const auto got = ask_stream("hi");
  pass(400ms);
  check_eq(http->transfers.size(), 1u);
  pass(200ms);
  check_eq(got->text(), "the faster one");
  require_eq(got->completions.size(), 1u);
  check_eq(got->completions[0].provider, "two");
  check_eq(trail(got->completions[0].attempts), strings{"one cancelled", "two ok"});
  check(http->transfers[0]->cancelled);
  check_eq(http->open(), 0u);
  check_eq(pending_timers(), 0u);
}

TEST("the late provider wins if its content comes first after all, and the other is cancelled at once") {
  start();
  const auto got = ask_stream("hi");
  pass(600ms);
  require_eq(http->transfers.size(), 2u);
  auto& first = *http->transfers[0];
  first.head(200);
  first.token("late but ");
  dispatch_messages();
  check(http->transfers[1]->cancelled);
  check(!first.cancelled);
  first.token("first");
  first.finish();
  first.end();
  dispatch_messages();
  check_eq(got->text(), "late but first");
  check_eq(trail(got->completions.at(0).attempts), strings{"two cancelled", "one ok"});
  check_eq(got->ends(), 1u);
}

TEST("reasoning and empty deltas win nothing") {
  start();
  ask_stream("hi");
  pass(600ms);
  auto& second = *http->transfers.at(1);
  second.head(200);
  second.data("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n");
  dispatch_messages();
  check(!http->transfers[0]->cancelled);
}

TEST("a provider that answers in time is not joined") {
  start();
  const auto got = ask_stream("hi");
  pass(400ms);
  http->transfers[0]->head(200);
  http->transfers[0]->token("in time");
  dispatch_messages();
  pass(5s);
  check_eq(http->transfers.size(), 1u);
  check_eq(got->text(), "in time");
}

TEST("no more than two attempts run at once, and a collected answer is hedged as well") {
  start();
  auto what = make_request("hi");
  what.stream = false;
  ask_stream(what);
  pass(5s);
  check_eq(http->transfers.size(), 2u);
}

TEST("without the setting nothing is hedged; a request can ask for it, or decline") {
  config.hedge = false;
  start();
  ask_stream("hi");
  pass(5s);
  check_eq(http->transfers.size(), 1u);
  auto what = make_request("hi");
  what.hedge = true;
  ask_stream(what);
  pass(600ms);
  check_eq(http->transfers.size(), 3u);
}

TEST("when the late one fails the hedge goes on alone; when both fail the request goes on") {
  http->scripts["three"] = {answer("the last resort")};
  start();
  const auto got = ask_stream("hi");
  pass(600ms);
  http->transfers.at(0)->end(transfer_error{errc::provider_unavailable, "gone"});
  dispatch_messages();
  check_eq(got->ends(), 0u);
  check_eq(http->transfers.size(), 2u);
  http->transfers.at(1)->end(transfer_error{errc::provider_unavailable, "gone, too"});
  dispatch_messages();
  check_eq(got->text(), "the last resort");
  check_eq(trail(got->completions.at(0).attempts),
           strings{"one provider_unavailable", "two provider_unavailable", "three ok"});
}

TEST("cancelling a hedged request closes both transfers and ends it once") {
  start();
  const auto got = ask_stream("hi");
  pass(600ms);
  require_eq(http->open(), 2u);
  anon_mail(cancel{opened->request_id}).send(opened->control);
  dispatch_messages();
  check_eq(http->open(), 0u);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::cancelled);
  check_eq(got->failures[0].attempts.size(), 2u);
  check_eq(pending_timers(), 0u);
}

TEST("credit goes to both while nobody has won") {
  start();
  auto what = make_request("hi");
  what.initial_credit = 4;
  const auto got = ask_stream(what);
  pass(600ms);
  anon_mail(credit{opened->request_id, 100}).send(opened->control);
  dispatch_messages();
  auto& second = *http->transfers.at(1);
  second.head(200);
  second.token("more than ");
  second.token("four bytes");
  dispatch_messages();
  check_eq(got->text(), "more than four bytes");
}

TEST("what is late follows the provider's own figures once it has answered often enough") {
  http->scripts["one"] = {answer("quick")};
  start();
  for (int i = 0; i < 32; ++i)
    ask_stream("hi");
  require(table->now()->find("one")->meter->late_after().has_value());
  // In virtual time all of them came at once: from now on anything is late.
  check_lt(*table->now()->find("one")->meter->late_after(), steady_duration{500ms});
  http->scripts["one"] = {silent()};
  http->scripts["two"] = {answer("hedge")};
  const auto got = ask_stream("hi");
  pass(100ms);
  check_eq(got->text(), "hedge");
}

TEST("a late provider without another one to join it costs no retry budget") {
  config.retry_budget = {.percent = 0, .minimum = 1};
  config.retry_delay = 0ms;
  start();
  auto what = make_request("hi");
  what.targets = {"one"};
  const auto got = ask_stream(what);
  pass(600ms);
  http->scripts["one"] = {answer("after the retry")};
  http->transfers.at(0)->end(transfer_error{errc::provider_error, "broken"});
  dispatch_messages();
  check_eq(got->text(), "after the retry");
}

TEST("hedges are part of the retry budget") {
  config.retry_budget = {.percent = 0, .minimum = 2};
  http->scripts["two"] = {answer("hedge")};
  start();
  for (int i = 0; i < 3; ++i) {
    ask_stream("hi");
    pass(600ms);
  }
  check_eq(http->to("two").size(), 2u);
}

} // WITH_FIXTURE(hedging_fixture)

} // SUITE("hedging")
