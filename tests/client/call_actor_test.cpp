#include <magna/client/call_board.hpp>

#include <magna/tests/support/test.hpp>

#include <caf/exit_reason.hpp>

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

struct heard {
  std::vector<request> requests;
  requester_actor requester;
  std::vector<cancel> cancels;
  std::vector<credit> credits;
};

/// Takes a request and says only that: the rest is up to the test.
struct service_state {
  using handle_type = service_actor;
  static constexpr const char* name = "test.service";

  service_state(self_pointer<service_actor> owner, std::shared_ptr<heard> to)
    : self(owner), log(std::move(to)) {}

  service_actor::behavior_type make_behavior() {
    return {
      [this](const request& what, const requester_actor& requester) -> caf::result<accepted> {
        log->requests.push_back(what);
        log->requester = requester;
        return accepted{what.id, {}};
      },
      [this](const request& what) -> caf::result<completion> {
        log->requests.push_back(what);
        promise = self->template make_response_promise<completion>();
        return *promise;
      },
      [this](const cancel& what) { log->cancels.push_back(what); },
      [this](const credit& what) { log->credits.push_back(what); },
      [](const get_status&) { return status_report{}; },
      [](const check_health&) { return health_report{}; },
      [](const subscribe&) {},
    };
  }

  self_pointer<service_actor> self;
  std::shared_ptr<heard> log;
  std::optional<caf::typed_response_promise<completion>> promise;
};

struct call_fixture : deterministic {
  call_fixture() { service = spawn_state<service_state>(sys, log); }
  ~call_fixture() override {
    inject_exit(service);
    log->requester = nullptr;
  }

  /// A request with 100 bytes of window, or a collected one, and a minute of patience.
  client_call_ptr start(bool streams) {
    auto made =
      std::make_shared<client_call>("r1", streams ? std::optional<std::uint64_t>{100} : std::nullopt, board);
    board->open(made, [&] {
      return spawn_state<call_state>(sys, service, shared_request{request{.id = "r1"}}, made, 60s,
                                     std::make_shared<alarm_clock>(sys));
    });
    dispatch_messages();
    return made;
  }

  void pass(std::chrono::seconds time) {
    for (; time.count() > 0; --time) {
      advance_time(1s);
      dispatch_messages();
    }
  }

  template <class T>
  void from_service(T what) {
    anon_mail(std::move(what)).send(log->requester);
    dispatch_messages();
  }

  static chunk text(std::size_t bytes) {
    return {.seq = 0, .parts = {part{.bytes = std::string(bytes, 'x')}}};
  }

  static std::string error_of(const client_call_ptr& what) {
    const auto how = what->result();
    return how ? "none" : to_string(how.error().error);
  }

  std::shared_ptr<heard> log = std::make_shared<heard>();
  std::shared_ptr<call_board> board = std::make_shared<call_board>();
  service_actor service;
};

} // namespace

WITH_FIXTURE(call_fixture) {

SUITE("client.call") {

TEST("a service that never answers ends the request when the patience is over, and is told") {
  for (const auto streams : {true, false}) {
    *log = {};
    const auto asked = start(streams);
    require_eq(log->requests.size(), 1u);
    pass(59s);
    check(!asked->is_ready());
    pass(2s);
    require(asked->is_ready());
    check_eq(error_of(asked), "deadline_exceeded");
    check_eq(log->cancels.size(), 1u);
    check_eq(board->wait_until_idle({}), 0u);
  }
}

TEST("a cancelled request ends as the service says") {
  const auto asked = start(true);
  from_service(text(3));
  asked->cancel();
  dispatch_messages();
  require_eq(log->cancels.size(), 1u);
  check_eq(log->cancels[0].request_id, "r1");
  check(!asked->is_ready());
  from_service(
    failure{.request_id = "r1", .error = errc::cancelled, .message = "its word", .delivered_chars = 3});
  require(asked->is_ready());
  check_eq(asked->result().error().message, "its word");
}

TEST("a cancelled request ends after a second though the service says nothing") {
  const auto asked = start(true);
  from_service(started{"r1", 1, "gemini", "m"});
  from_service(text(3));
  asked->cancel();
  pass(2s);
  require(asked->is_ready());
  const auto end = asked->result().error();
  check_eq(end.error, errc::cancelled);
  check_eq(end.request_id, "r1");
  check_eq(end.delivered_chars, 3u);
  check_eq(end.provider, "gemini");
}

TEST("text is granted as it is taken, half a window at a time") {
  const auto asked = start(true);
  for (int i = 0; i < 4; ++i)
    from_service(text(25));
  check(log->credits.empty());
  check(asked->next().has_value());
  dispatch_messages();
  check(log->credits.empty());
  check(asked->next().has_value());
  dispatch_messages();
  require_eq(log->credits.size(), 1u);
  check_eq(log->credits[0].bytes, 50u);
  check(asked->next().has_value());
  check(asked->next().has_value());
  dispatch_messages();
  require_eq(log->credits.size(), 2u);
  check_eq(log->credits[1].bytes, 50u);
}

TEST("a request has one end, and text that came before it can still be read") {
  const auto asked = start(true);
  from_service(text(5));
  anon_mail(completion{.request_id = "r1", .provider = "gemini"}).send(log->requester);
  anon_mail(failure{.request_id = "r1", .error = errc::provider_error}).send(log->requester);
  dispatch_messages();
  check_eq(asked->next()->text(), "xxxxx");
  check(!asked->next().has_value());
  check(asked->result().has_value());
  asked->end(asked->make_failure(errc::cancelled, "late"));
  check(asked->result().has_value());
  check_eq(board->last_used_provider(), "gemini");
}

TEST("a service that goes without a word ends its requests as node_lost") {
  const auto asked = start(true);
  board->on_service_lost("gone");
  dispatch_messages();
  check(!asked->is_ready());
  pass(2s);
  require(asked->is_ready());
  check_eq(asked->result().error().error, errc::node_lost);
  check_eq(asked->result().error().message, "gone");
}

TEST("a service that is gone already refuses at once") {
  inject_exit(service);
  for (const auto streams : {true, false}) {
    const auto asked = start(streams);
    require(asked->is_ready());
    check_eq(error_of(asked), "node_lost");
  }
}

TEST("an actor that is killed ends its request as cancelled") {
  const auto asked = start(true);
  inject_exit(log->requester, caf::exit_reason::kill);
  require(asked->is_ready());
  check_eq(error_of(asked), "cancelled");
}

TEST("closing ends what runs, once each, and takes nothing more") {
  const auto streamed = start(true);
  const auto collected = start(false);
  int told = 0;
  collected->at_end([&told](const expected<completion>& how) { told += how ? 100 : 1; });
  board->close();
  check_eq(error_of(streamed), "cancelled");
  check_eq(error_of(collected), "cancelled");
  check_eq(told, 1);
  dispatch_messages();
  const auto late = start(true);
  check_eq(error_of(late), "overloaded");
  check_eq(log->requests.size(), 2u);
}

} // SUITE("client.call")

} // WITH_FIXTURE(call_fixture)
