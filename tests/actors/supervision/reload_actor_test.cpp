#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

struct reload_fixture : runtime_fixture {
  /// Goes over to what `config` is by now.
  void reload_now() {
    anon_mail(reload{std::make_shared<const settings>(config)}).send(supervisor);
    dispatch_messages();
  }

  void finish(fake_transfer& x, std::string_view text) {
    x.head(200);
    x.token(text);
    x.finish();
    x.end();
    dispatch_messages();
  }

  static std::string key_of(const fake_transfer& x) {
    for (const auto& [name, value] : x.request.headers)
      if (name == "Authorization")
        return value;
    return {};
  }
};

} // namespace

SUITE("reload") {

WITH_FIXTURE(reload_fixture) {

TEST("new requests go by the new configuration, running ones finish on the old one") {
  start();
  const auto before = ask_stream("hi");
  config.providers[0].keys = {"another-key"};
  reload_now();
  const auto after = ask_stream("hi");
  require_eq(http->transfers.size(), 2u);
  check_found(key_of(*http->transfers[0]), "key-of-one");
  check_found(key_of(*http->transfers[1]), "another-key");
  check(!http->transfers[0]->cancelled);
  finish(*http->transfers[0], "old");
  finish(*http->transfers[1], "new");
  check_eq(before->text(), "old");
  check_eq(after->text(), "new");
  check_eq(before->ends() + after->ends(), 2u);
}

TEST("a retry of a running request stays with the provider that the request began with") {
  http->scripts["one"] = {break_after("")};
  start();
  const auto got = ask_stream("hi");
  config.providers[0].keys = {"another-key"};
  reload_now();
  http->scripts["one"] = {answer("second try")};
  pass(2s);
  check_eq(got->text(), "second try");
  check_found(key_of(*http->transfers.at(1)), "key-of-one");
}

TEST("a provider that was taken out still serves the requests that know it, and then is gone") {
  start();
  auto what = make_request("hi");
  what.targets = {"one"};
  const auto running = ask_stream(what);
  const caf::actor_addr old = table->provider("one").address();
  config.providers.erase(config.providers.begin());
  reload_now();
  check(table->provider("one") == nullptr);
  ask_stream(what);
  check(!opened.has_value());
  check(refusal == errc::invalid_request);
  finish(*http->transfers.at(0), "to the end");
  check_eq(running->text(), "to the end");
  check_eq(status_now().providers.size(), 2u);
  // Nobody holds it any more.
  check(caf::actor_cast<caf::strong_actor_ptr>(old) == nullptr);
}

TEST("a provider that was put in serves new requests, in its place of the chain") {
  start();
  auto added = config.providers[0];
  added.name = "zero";
  added.base_url = "http://zero/v1";
  config.providers.insert(config.providers.begin(), added);
  http->scripts["zero"] = {answer("from the new one")};
  reload_now();
  check_eq(ask_stream("hi")->text(), "from the new one");
  const auto status = status_now();
  require_eq(status.providers.size(), 4u);
  check_eq(status.providers[0].name, "zero");
  check_eq(status.providers[0].successes, 1u);
}

TEST("what is known of a provider stays known if its settings are the same, and is forgotten if not") {
  http->scripts["one"] = {refused()};
  http->scripts["two"] = {refused()};
  http->scripts["three"] = {answer("ok")};
  start();
  for (int i = 0; i < 3; ++i)
    ask_stream("hi");
  require_eq(status_of("one").state, health_state::unavailable);
  require_eq(status_of("two").state, health_state::unavailable);
  config.providers[0].base_url = "http://one.example/v1";
  reload_now();
  check_eq(status_of("one").state, health_state::unknown);
  check_eq(status_of("two").state, health_state::unavailable);
  check_eq(status_of("three").successes, 3u);
}

TEST("a key that was refused is tried again after a reload, though nothing has changed") {
  http->scripts["one"] = {status(401, "invalid_api_key"), answer("the key is good now")};
  http->scripts["two"] = {answer("stand-in")};
  start();
  check_eq(ask_stream("hi")->text(), "stand-in");
  reload_now();
  check_eq(ask_stream("hi")->text(), "the key is good now");
}

TEST("a reload in the middle of many requests loses none") {
  start();
  std::vector<received_ptr> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(ask_stream("hi"));
    if (i % 10 == 9)
      reload_now();
  }
  for (const auto& x : http->transfers)
    finish(*x, "answered");
  for (const auto& got : all) {
    check_eq(got->text(), "answered");
    check_eq(got->completions.size(), 1u);
    check_eq(got->ends(), 1u);
  }
  check_eq(status_of("one").in_flight, 0u);
  check_eq(status_of("one").successes, 30u);
  check_eq(status_of("one").restarts, 0u);
}

TEST("what began before a reload says nothing of a provider whose settings it changed") {
  config.max_retries = 1;
  config.failure_threshold = 1;
  start();
  const auto failing = ask_stream("hi");
  const auto fine = ask_stream("hi");
  config.providers[0].keys = {"another-key"};
  reload_now();
  const auto before = status_of("one");
  http->transfers.at(0)->head(503);
  http->transfers.at(0)->end();
  finish(*http->transfers.at(1), "old");
  check_eq(fine->text(), "old");
  const auto after = status_of("one");
  check_eq(after.failures, before.failures);
  check_eq(after.successes, before.successes);
  check_eq(after.state, before.state);
  check_eq(after.in_flight, 0u);
}

TEST("a provider that crashes after a reload is restarted with the new configuration") {
  start();
  config.providers[0].keys = {"another-key"};
  reload_now();
  inject_exit(table->provider("one"), caf::exit_reason::kill);
  dispatch_messages();
  ask_stream("hi");
  check_found(key_of(*http->transfers.at(0)), "another-key");
}

TEST("after a reload everything still stops") {
  start();
  ask_stream("hi");
  reload_now();
  ask_stream("hi");
  anon_mail(drain{1s}).send(supervisor);
  dispatch_messages();
  pass(1100ms);
  check(terminated(supervisor));
  check_eq(http->open(), 0u);
  check_eq(pending_timers(), 0u);
}

} // WITH_FIXTURE(reload_fixture)

} // SUITE("reload")
