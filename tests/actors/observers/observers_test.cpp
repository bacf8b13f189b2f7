#include <magna/actors/observers/observer_thread.hpp>
#include <magna/actors/observers/observers.hpp>

#include <magna/messages/types.hpp>
#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

#include <chrono>
#include <future>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

/// Notes what it sees, a word each.
class diary : public observer {
public:
  void on_request(const request_event& what) override {
    note("request " + what.question->metadata.at("tenant"));
  }
  void on_attempt_start(const attempt_start_event& what) override {
    note("start " + what.provider + " " + what.model);
  }
  void on_attempt(const attempt_event& what) override {
    note("attempt " + what.record.provider + " " + (what.record.error ? to_string(*what.record.error) : "ok")
         + " " + std::to_string(what.usage.completion_tokens.value_or(0)) + (what.asked ? "" : " not asked")
         + (what.ttft ? " ttft" : ""));
  }
  void on_end(const end_event& what) override {
    if (const auto* whole = std::get_if<completion>(&what.end))
      note("completion " + whole->provider + " after " + std::to_string(whole->attempts.size()));
    else
      note("failure " + to_string(std::get<failure>(what.end).error));
  }
  void on_health(const health_event& what) override {
    note("health " + what.provider + " " + to_string(what.to));
  }
  void on_restart(const restart_event& what) override { note("restart " + what.child); }

  std::vector<std::string> seen;

private:
  void note(std::string line) { seen.push_back(std::move(line)); }
};

class thrower : public observer {
public:
  void on_request(const request_event&) override { throw std::runtime_error{"no"}; }
  void on_attempt_start(const attempt_start_event&) override { throw 1; }
  void on_attempt(const attempt_event&) override { throw std::runtime_error{"no"}; }
  void on_end(const end_event&) override { throw std::runtime_error{"no"}; }
  void on_health(const health_event&) override { throw std::runtime_error{"no"}; }
};

/// Holds every request event up until it is let go.
class sleeper : public observer {
public:
  explicit sleeper(std::shared_future<void> gate) : gate_(std::move(gate)) {}
  void on_request(const request_event&) override {
    gate_.wait();
    ++requests;
  }

  std::atomic<int> requests = 0;

private:
  std::shared_future<void> gate_;
};

request labelled() {
  auto made = runtime_fixture::make_request("hi");
  made.metadata["tenant"] = "acme";
  return made;
}

} // namespace

SUITE("observers") {

WITH_FIXTURE(runtime_fixture) {

TEST("an observer sees a request from its beginning to its end, in order, with labels and usage") {
  const auto seen = std::make_shared<diary>();
  watchers = {seen};
  http->scripts["one"] = {refused()};
  http->scripts["two"] = {answer("fine")};
  start();
  check_eq(ask_stream(labelled())->text(), "fine");
  check_eq(seen->seen,
           std::vector<std::string>{"request acme", "start one m", "attempt one provider_unavailable 0",
                                    "start two m", "health one DEGRADED", "attempt two ok 2 ttft",
                                    "completion two after 2", "health two HEALTHY"});
}

TEST("an attempt that no provider was asked for is in the account as well") {
  const auto seen = std::make_shared<diary>();
  watchers = {seen};
  config.providers.resize(1);
  config.max_in_flight = 1;
  config.max_queued = 0;
  start();
  ask_stream(labelled());
  ask_stream(labelled());
  check_eq(seen->seen, std::vector<std::string>{"request acme", "start one m", "request acme", "start one m",
                                                "attempt one overloaded 0 not asked", "failure overloaded"});
}

TEST("a request whose actor crashes has its end for observers, too, and so has its attempt") {
  const auto seen = std::make_shared<diary>();
  watchers = {seen};
  start();
  ask_stream(labelled());
  inject_exit(opened->control, caf::exit_reason::kill);
  dispatch_messages();
  check_eq(seen->seen, std::vector<std::string>{"request acme", "start one m", "attempt one cancelled 0",
                                                "failure provider_error"});
}

TEST("a crash of an actor is told") {
  const auto seen = std::make_shared<diary>();
  watchers = {seen};
  start();
  inject_exit(table->provider("one"), caf::exit_reason::kill);
  dispatch_messages();
  check_eq(seen->seen, std::vector<std::string>{"restart provider one"});
}

TEST("an observer that throws changes nothing, for the request or for others") {
  const auto seen = std::make_shared<diary>();
  watchers = {std::make_shared<thrower>(), seen};
  http->scripts["one"] = {answer("fine")};
  start();
  check_eq(ask_stream(labelled())->text(), "fine");
  check_eq(status_of("one").state, health_state::healthy);
  check_eq(seen->seen.size(), 5u);
}

TEST("an observer that is slow holds no request up, and what is too much for it is dropped and counted") {
  std::promise<void> gate;
  const auto slow = std::make_shared<sleeper>(gate.get_future().share());
  const auto thread = std::make_shared<observer_thread>(slow, 2);
  watchers = {thread};
  http->scripts["one"] = {answer("fine")};
  start();
  for (int i = 0; i < 10; ++i)
    check_eq(ask_stream(labelled())->text(), "fine");
  check_gt(thread->dropped(), 0u);
  gate.set_value();
}

TEST("all that waits is told before the end of an observer's thread") {
  const auto seen = std::make_shared<diary>();
  {
    observer_thread thread{seen};
    const shared_request question{labelled()};
    for (int i = 0; i < 100; ++i)
      thread.on_request({question});
    completion whole;
    whole.text = "long";
    whole.provider = "one";
    thread.on_end({question, whole});
  }
  require_eq(seen->seen.size(), 101u);
  check_eq(seen->seen.back(), "completion one after 0");
}

} // WITH_FIXTURE(runtime_fixture)

TEST("exceptions of observers are counted") {
  const observers all{{std::make_shared<thrower>()}};
  const shared_request question;
  all.tell(request_event{question});
  all.tell(request_event{question});
  check_eq(all.failures(), 2u);
}

} // SUITE("observers")
