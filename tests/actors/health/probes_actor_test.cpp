#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

/// Answers a probe with a list of models, or with that page's absence.
fake_transport::script page(int status, std::string body) {
  return [=](fake_transfer& x) {
    x.head(status, {{"content-type", "application/json"}});
    x.data(body);
    x.end();
  };
}

const auto unlisted = page(200, R"({"data":[{"id":"another"}]})");

class probes_fixture : public runtime_fixture {
public:
  probes_fixture() {
    config.providers.resize(1);
    config.failure_threshold = 1;
    config.cooldown = 5s;
  }

  /// One request with one attempt.
  void ask_once() {
    auto what = make_request("hi");
    what.max_attempts = 1;
    ask_stream(what);
  }
};

} // namespace

SUITE("probes") {

WITH_FIXTURE(probes_fixture) {

TEST("a model that is on no list comes back with its provider") {
  for (const auto& probed :
       {unlisted, page(404, ""), page(404, R"({"error":{"message":"File Not Found"}})")}) {
    http->scripts["one"] = {status(503), probed};
    start();
    ask_once();
    check_eq(status_of("one").state, health_state::unavailable);
    pass(6s);
    check_eq(status_of("one").state, health_state::degraded);
    inject_exit(supervisor, caf::exit_reason::kill);
    dispatch_messages();
  }
}

TEST("unless a request was told that it is missing, and none was answered since") {
  http->scripts["one"] = {status(404, "model_not_found"), status(503), unlisted};
  start();
  ask_once();
  ask_once();
  check_eq(status_of("one").state, health_state::unavailable);
  pass(6s);
  check_eq(status_of("one").state, health_state::unavailable);
}

TEST("a check of health says what it doubts") {
  http->scripts["one"] = {unlisted};
  start();
  const auto report = ask<health_report>(table->orchestrator(), check_health{});
  require(static_cast<bool>(report));
  const auto& one = report->providers.at(0);
  check(one.usable);
  check(one.error == errc::model_not_found);
  check_eq(one.message, "the provider does not list the model m");
}

} // WITH_FIXTURE(probes_fixture)

} // SUITE("probes")
