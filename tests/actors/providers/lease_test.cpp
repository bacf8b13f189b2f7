#include <magna/actors/providers/lease.hpp>

#include <magna/providers/codec_registry.hpp>

#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

/// Notes the leases that come back.
struct owner_state {
  using handle_type = provider_actor;
  static constexpr const char* name = "test.owner";

  owner_state(self_pointer<provider_actor> owner, std::shared_ptr<std::vector<lease_return>> to)
    : self(owner), log(std::move(to)) {}

  provider_actor::behavior_type make_behavior() {
    return {
      [](const lease_request&) -> caf::result<granted_lease> { return caf::make_error(errc::overloaded); },
      [](const withdraw_request&) {},
      [](const probe&) { return probe_report{}; },
      [this](const lease_return& what) { log->push_back(what); },
      [](const queue_tick&) {},
      [](const deadline_tick&) {},
    };
  }

  self_pointer<provider_actor> self;
  std::shared_ptr<std::vector<lease_return>> log;
};

struct plain_lease final : lease {
  using lease::lease;
  std::unique_ptr<exchange> open(const exchange_host&) override { return nullptr; }
};

class lease_fixture : public runtime_fixture {
public:
  std::shared_ptr<lease> make(std::uint64_t serial) {
    return std::make_shared<plain_lease>(serial, "m", owner, meter);
  }

  std::shared_ptr<std::vector<lease_return>> log = std::make_shared<std::vector<lease_return>>();
  provider_actor owner = spawn_state<owner_state>(sys, log);
  std::shared_ptr<provider_meter> meter = std::make_shared<provider_meter>();
};

} // namespace

SUITE("lease") {

WITH_FIXTURE(lease_fixture) {

TEST("a lease goes back once, with the first outcome, and counts as under way until then") {
  auto place = make(7);
  check_eq(meter->in_flight(), 1u);
  place->give_back({.error = errc::timeout});
  place->give_back({});
  check_eq(meter->in_flight(), 0u);
  place = nullptr;
  dispatch_messages();
  require_eq(log->size(), 1u);
  check_eq(log->front().serial, 7u);
  check_eq(log->front().error, std::optional{errc::timeout});
}

TEST("a lease that is lost goes back by itself, and says nothing of the provider") {
  make(7) = nullptr;
  check_eq(meter->in_flight(), 0u);
  dispatch_messages();
  require_eq(log->size(), 1u);
  check_eq(log->front().error, std::optional{errc::cancelled});
}

TEST("a place is free again whoever ends: the request's actor, its requester, or both before they have it") {
  config.providers.resize(1);
  config.max_in_flight = 1;
  config.max_queued = 8;
  start();
  ask_stream("hi");
  check_eq(status_of("one").in_flight, 1u);
  inject_exit(opened->control, caf::exit_reason::kill);
  dispatch_messages();
  check_eq(status_of("one").in_flight, 0u);
  ask_stream("hi");
  check_eq(status_of("one").in_flight, 1u);
  // One waits in the provider's queue when its actor dies; its lease has nobody to go to.
  const auto first = opened->control;
  ask_stream("hi");
  inject_exit(opened->control, caf::exit_reason::kill);
  inject_exit(first, caf::exit_reason::kill);
  dispatch_messages();
  check_eq(status_of("one").in_flight, 0u);
  ask_stream("hi");
  inject_exit(requester, caf::exit_reason::kill);
  dispatch_messages();
  check_eq(status_of("one").in_flight, 0u);
  http->scripts["one"] = {answer("there is a place")};
  check_eq(ask_stream("hi")->text(), "there is a place");
  check_eq(status_of("one").state, health_state::healthy);
}

TEST("a request may say how many attempts it takes at most") {
  http->scripts["one"] = {refused()};
  http->scripts["two"] = {answer("too late")};
  start();
  auto what = make_request("hi");
  what.max_attempts = 1;
  const auto got = ask_stream(what);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::provider_unavailable);
  check_eq(got->failures[0].attempts.size(), 1u);
  what.max_attempts = 101;
  ask_stream(what);
  check(refusal == errc::invalid_request);
}

TEST("the trail names the model that was asked for, also where a provider refuses by itself") {
  config.providers.resize(1);
  http->scripts["one"] = {status(401, "invalid_api_key")};
  start();
  auto what = make_request("hi");
  what.model = "asked-for";
  check_eq(ask_stream(what)->failures.at(0).attempts.at(0).model, "asked-for");
  // Its only key was refused by now, and the provider is not asked.
  const auto got = ask_stream(what);
  check_eq(http->to("one").back()->request.method, "GET");
  check_eq(got->failures.at(0).attempts.at(0).model, "asked-for");
}

TEST("what a decoder throws ends that attempt only") {
  class throwing_decoder : public response_decoder {
  public:
    void head(const http_head&) override {}
    void feed(std::string_view) override { throw std::runtime_error{"a fault of the codec's"}; }
    decode_status next(part_sink&) override { return decode_status::need_more; }
    decode_status end(part_sink&) override { return decode_status::failed; }
    bool complete() const noexcept override { return false; }
    const answer_info& info() const noexcept override { return info_; }
    const response_error& error() const noexcept override { return error_; }

  private:
    answer_info info_;
    response_error error_;
  };
  class throwing_codec : public codec {
  public:
    const protocol_info& about() const noexcept override { return about_; }
    http_request encode(const call& what) const override {
      http_request made;
      made.url = what.where.base_url;
      return made;
    }
    std::unique_ptr<response_decoder> make_decoder(job_kind, bool) const override {
      return std::make_unique<throwing_decoder>();
    }
    http_request encode_probe(const endpoint&, std::string_view) const override { return {}; }
    std::optional<response_error> judge_probe(const http_head&, std::string_view,
                                              std::string_view) const override {
      return std::nullopt;
    }

  private:
    protocol_info about_{.kind = "throws", .title = "Throws"};
  };
  static const auto registered = (magna::register_codec(std::make_shared<throwing_codec>()), true);
  static_cast<void>(registered);
  config.providers[0].kind = provider_kind{"throws"};
  config.max_retries = 1;
  http->scripts["two"] = {answer("fine")};
  start();
  const auto got = ask_stream("hi");
  http->transfers.at(0)->head(200);
  http->transfers.at(0)->data("anything");
  dispatch_messages();
  check_eq(got->text(), "fine");
  require_eq(got->completions.size(), 1u);
  const auto& failed = got->completions[0].attempts.at(0);
  check_eq(failed.error, std::optional{errc::provider_error});
  check_found(failed.message, "a fault of the codec's");
  check(http->transfers.at(0)->cancelled);
}

} // WITH_FIXTURE(lease_fixture)

} // SUITE("lease")
