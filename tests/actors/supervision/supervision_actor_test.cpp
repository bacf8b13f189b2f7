#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

SUITE("supervision and health") {

WITH_FIXTURE(runtime_fixture) {

TEST("a killed provider is restarted, and its request is retried without the requester noticing") {
  http->scripts["one"] = {silent(), answer("second try")};
  start();
  const auto got = ask_stream("hi");
  const auto before = table->provider("one");
  inject_exit(before, caf::exit_reason::kill);
  dispatch_messages();
  const auto after = table->provider("one");
  check(after != nullptr);
  check(after != before);
  check(http->transfers.at(0)->cancelled);
  pass(2s);
  check_eq(got->text(), "second try");
  require_eq(got->completions.size(), 1u);
  check_eq(got->completions[0].attempts.size(), 2u);
  check_eq(status_of("one").restarts, 1u);
  check_eq(status_of("one").in_flight, 0u);
}

TEST("killing a provider ends its committed streams once each and touches no others") {
  start();
  std::vector<received_ptr> on_one;
  std::vector<received_ptr> on_two;
  for (int i = 0; i < 50; ++i) {
    auto what = make_request("hi");
    what.targets = {"one"};
    on_one.push_back(ask_stream(what));
    what.targets = {"two"};
    on_two.push_back(ask_stream(what));
  }
  for (auto& x : http->transfers) {
    x->head(200);
    x->token("begun ");
  }
  dispatch_messages();
  inject_exit(table->provider("one"), caf::exit_reason::kill);
  dispatch_messages();
  for (const auto& got : on_one) {
    require_eq(got->failures.size(), 1u);
    check_eq(got->ends(), 1u);
    check_eq(got->failures[0].delivered_chars, 6u);
  }
  for (const auto& upstream : http->to("two")) {
    upstream->token("and done");
    upstream->finish();
    upstream->end();
  }
  dispatch_messages();
  for (const auto& got : on_two) {
    check_eq(got->text(), "begun and done");
    check_eq(got->completions.size(), 1u);
    check_eq(got->ends(), 1u);
  }
  http->scripts["one"] = {answer("works again")};
  check_eq(ask_stream("hi")->text(), "works again");
}

TEST("a provider that keeps crashing backs off, is UNAVAILABLE meanwhile, and comes back") {
  http->scripts["two"] = {answer("stand-in")};
  start();
  for (int i = 0; i < 6; ++i) {
    require(table->provider("one") != nullptr);
    inject_exit(table->provider("one"), caf::exit_reason::kill);
    dispatch_messages();
  }
  check(table->provider("one") == nullptr);
  check_eq(status_of("one").state, health_state::unavailable);
  check_eq(ask_stream("hi")->text(), "stand-in");
  pass(1100ms);
  check(table->provider("one") != nullptr);
  check_eq(status_of("one").restarts, 6u);
}

TEST("requests that run when the orchestrator crashes go on, and new ones find its successor") {
  start();
  const auto running = ask_stream("hi");
  const auto before = table->orchestrator();
  inject_exit(before, caf::exit_reason::kill);
  dispatch_messages();
  check(table->orchestrator() != before);
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("untouched");
  upstream.finish();
  upstream.end();
  dispatch_messages();
  check_eq(running->text(), "untouched");
  check_eq(running->completions.size(), 1u);
  http->scripts["one"] = {answer("new")};
  check_eq(ask_stream("hi")->text(), "new");
}

TEST("after a restart of the orchestrator a requester's death, cancel and credit still reach its requests") {
  start();
  auto what = make_request("hi");
  what.initial_credit = 4;
  const auto by_death = ask_stream(what);
  const auto dying = requester;
  const auto by_message = ask_stream(what);
  const auto id = opened->request_id;
  inject_exit(table->orchestrator(), caf::exit_reason::kill);
  dispatch_messages();
  inject_exit(dying, caf::exit_reason::kill);
  dispatch_messages();
  check(http->transfers[0]->cancelled);
  auto& second = *http->transfers[1];
  second.head(200);
  second.token("1234");
  dispatch_messages();
  second.token("5678");
  dispatch_messages();
  check_eq(by_message->text(), "1234");
  anon_mail(credit{id, 100}).send(table->orchestrator());
  dispatch_messages();
  check_eq(by_message->text(), "12345678");
  anon_mail(cancel{id}).send(table->orchestrator());
  dispatch_messages();
  check(second.cancelled);
  check_eq(by_message->failures.size(), 1u);
}

TEST("a request whose own actor crashes ends in one failure that says what was delivered") {
  start();
  const auto got = ask_stream("hi");
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("Gr\u00fcn");
  dispatch_messages();
  check_eq(got->text(), "Gr\u00fcn");
  inject_exit(opened->control, caf::exit_reason::kill);
  dispatch_messages();
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::provider_error);
  check_eq(got->failures[0].delivered_chars, 4u);
  check_eq(got->ends(), 1u);
  check(upstream.cancelled);
}

TEST("an ID stays taken over a restart of the orchestrator, and is free when its request has ended") {
  start();
  auto what = make_request("hi");
  what.id = "mine";
  ask_stream(what);
  inject_exit(table->orchestrator(), caf::exit_reason::kill);
  dispatch_messages();
  ask_stream(what);
  check(!opened.has_value());
  anon_mail(cancel{"mine"}).send(table->orchestrator());
  dispatch_messages();
  ask_stream(what);
  check(opened.has_value());
}

TEST("a drain waits for the running requests though the orchestrator crashes meanwhile") {
  start();
  const auto running = ask_stream("hi");
  anon_mail(drain{30s}).send(supervisor);
  dispatch_messages();
  inject_exit(table->orchestrator(), caf::exit_reason::kill);
  dispatch_messages();
  check(!terminated(supervisor));
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("to the end");
  upstream.finish();
  upstream.end();
  dispatch_messages();
  check_eq(running->text(), "to the end");
  check(terminated(supervisor));
}

TEST("a server's own delay keeps an open circuit closed to probes as long") {
  config.failure_threshold = 1;
  config.cooldown = 5s;
  http->scripts["one"] = {status(503, "", {{"retry-after", "50"}}), answer("back")};
  start();
  auto what = make_request("hi");
  what.targets = {"one"};
  what.max_attempts = 1;
  ask_stream(what);
  check_eq(status_of("one").state, health_state::unavailable);
  pass(49s);
  check_eq(http->to("one").size(), 1u);
  pass(2s);
  check_eq(http->to("one").size(), 2u);
}

TEST("a health monitor that crashes is restarted and learns anew while requests go on") {
  http->scripts["one"] = {answer("fine")};
  start();
  check_eq(ask_stream("hi")->text(), "fine");
  inject_exit(table->health_monitor(), caf::exit_reason::kill);
  dispatch_messages();
  check_eq(status_of("one").state, health_state::unknown);
  check_eq(ask_stream("hi")->text(), "fine");
  check_eq(status_of("one").state, health_state::healthy);
}

TEST("who subscribed hears of events after the health monitor's crash, too, and is dropped when it ends") {
  http->scripts["one"] = {answer("fine")};
  start();
  auto log = std::make_shared<std::vector<health_event>>();
  auto other_log = std::make_shared<std::vector<health_event>>();
  const auto stays = spawn_state<event_log_state>(sys, log);
  const auto leaves = spawn_state<event_log_state>(sys, other_log);
  for (const auto& who : {stays, leaves})
    anon_mail(subscribe{who}).send(table->orchestrator());
  dispatch_messages();
  inject_exit(table->health_monitor(), caf::exit_reason::kill);
  dispatch_messages();
  check_eq(subscribers->all().size(), 2u);
  check_eq(ask_stream("hi")->text(), "fine");
  for (const auto& heard : {log, other_log}) {
    require_eq(heard->size(), 1u);
    check_eq(heard->front().provider, "one");
    check_eq(heard->front().to, health_state::healthy);
  }
  // The successor watches those that it took over.
  inject_exit(leaves, caf::exit_reason::kill);
  dispatch_messages();
  require_eq(subscribers->all().size(), 1u);
  check(subscribers->all().front() == stays);
}

TEST("a subscriber that ends while there is no health monitor is dropped by the next one") {
  http->scripts["one"] = {answer("fine"), refused()};
  start();
  auto log = std::make_shared<std::vector<health_event>>();
  const auto stays = spawn_state<event_log_state>(sys, log);
  const auto leaves = spawn_state<event_log_state>(sys, log);
  anon_mail(subscribe{leaves}).send(table->orchestrator());
  dispatch_messages();
  // So often that the supervisor waits a second before the next restart.
  for (int i = 0; i < 6; ++i) {
    inject_exit(table->health_monitor(), caf::exit_reason::kill);
    dispatch_messages();
  }
  inject_exit(leaves, caf::exit_reason::kill);
  anon_mail(subscribe{stays}).send(table->orchestrator());
  dispatch_messages();
  pass(1100ms);
  require_eq(subscribers->all().size(), 1u);
  check(subscribers->all().front() == stays);
  check_eq(ask_stream("hi")->text(), "fine");
  check_eq(log->size(), 1u);
}

TEST("failures lead from HEALTHY over DEGRADED to UNAVAILABLE, which is skipped, and a probe leads back") {
  http->scripts["one"] = {answer("ok"), refused(), refused(), refused(), status(200)};
  http->scripts["two"] = {answer("stand-in")};
  start();
  auto log = std::make_shared<std::vector<health_event>>();
  const auto subscriber = spawn_state<event_log_state>(sys, log);
  anon_mail(subscribe{subscriber}).send(table->orchestrator());
  dispatch_messages();
  ask_stream("hi");
  check_eq(status_of("one").state, health_state::healthy);
  ask_stream("hi");
  check_eq(status_of("one").state, health_state::degraded);
  check_eq(status_of("one").consecutive_failures, 1u);
  ask_stream("hi");
  check_eq(status_of("one").state, health_state::degraded);
  ask_stream("hi");
  check_eq(status_of("one").state, health_state::unavailable);
  check_eq(status_of("one").last_error, std::optional{errc::provider_unavailable});
  const auto asked = http->to("one").size();
  check_eq(ask_stream("hi")->text(), "stand-in");
  check_eq(http->to("one").size(), asked);
  // The cooldown ends in one probe, of the model list.
  http->scripts["one"] = {[](fake_transfer& x) {
    x.head(200, {{"content-type", "application/json"}});
    x.data(R"({"object":"list","data":[{"id":"m","object":"model"}]})");
    x.end();
  }};
  pass(29900ms);
  check_eq(http->to("one").size(), asked);
  pass(200ms);
  require_eq(http->to("one").size(), asked + 1);
  check_eq(http->to("one").back()->request.method, "GET");
  check_eq(status_of("one").state, health_state::degraded);
  http->scripts["one"] = {answer("back")};
  check_eq(ask_stream("hi")->text(), "back");
  check_eq(status_of("one").state, health_state::healthy);
  std::vector<health_state> states;
  for (const auto& event : *log)
    if (event.provider == "one")
      states.push_back(event.to);
  check_eq(states, std::vector{health_state::healthy, health_state::degraded, health_state::unavailable,
                               health_state::degraded, health_state::healthy});
}

TEST("when every provider is UNAVAILABLE all of them are tried all the same") {
  for (const auto* name : {"one", "two", "three"})
    http->scripts[name] = {refused()};
  start();
  for (int i = 0; i < 3; ++i)
    ask_stream("hi");
  for (const auto& status : status_now().providers)
    check_eq(status.state, health_state::unavailable);
  http->scripts["three"] = {answer("surprise")};
  check_eq(ask_stream("hi")->text(), "surprise");
}

TEST("check_health probes all providers side by side and says which are usable") {
  const auto list = [](fake_transfer& x) {
    x.head(200, {{"content-type", "application/json"}});
    x.data(R"({"object":"list","data":[{"id":"m","object":"model"}]})");
    x.end();
  };
  http->scripts["one"] = {list};
  http->scripts["two"] = {status(401)};
  http->scripts["three"] = {refused()};
  start();
  const auto report = ask<health_report>(table->orchestrator(), check_health{});
  require(static_cast<bool>(report));
  require_eq(report->providers.size(), 3u);
  check(report->providers[0].usable);
  check_eq(report->providers[0].state, health_state::healthy);
  check(!report->providers[1].usable);
  check_eq(report->providers[1].error, std::optional{errc::authentication_failed});
  check(!report->providers[2].usable);
  check_eq(report->providers[2].error, std::optional{errc::provider_unavailable});
}

TEST("a faulty request of the caller's does not count against the provider") {
  http->scripts["one"] = {status(400, "invalid_value")};
  start();
  auto what = make_request("hi");
  what.targets = {"one"};
  for (int i = 0; i < 4; ++i)
    check_eq(ask_stream(what)->failures.at(0).error, errc::invalid_request);
  check_ne(status_of("one").state, health_state::unavailable);
  check_ne(status_of("one").state, health_state::degraded);
}

} // WITH_FIXTURE(runtime_fixture)

} // SUITE("supervision and health")
