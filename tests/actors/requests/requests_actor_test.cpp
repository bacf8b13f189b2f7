#include <magna/actors/requests/transfer_inbox.hpp>
#include <magna/tests/support/test.hpp>

#include "../runtime_fixture.hpp"

using namespace std::chrono_literals;
using namespace magna;
using namespace magna::test;

namespace {

using strings = std::vector<std::string>;

/// Asks for a collected answer; `ask` would not wait for a retry in virtual time.
struct asker_state {
  using handle_type = caf::typed_actor<caf::result<void>(get_status)>;
  static constexpr const char* name = "test.asker";

  asker_state(self_pointer<handle_type> self, orchestrator_actor front, request what,
              std::shared_ptr<std::optional<completion>> answer)
    : self_(self), front_(std::move(front)), what_(std::move(what)), answer_(std::move(answer)) {}

  handle_type::behavior_type make_behavior() {
    self_->mail(what_)
      .request(front_, caf::infinite)
      .then([this](const completion& x) { *answer_ = x; }, [](const caf::error&) {});
    return {[](const get_status&) {}};
  }

  self_pointer<handle_type> self_;
  orchestrator_actor front_;
  request what_;
  std::shared_ptr<std::optional<completion>> answer_;
};

/// Asks for a stream by itself and notes what it hears, in order.
struct streamer_state {
  using handle_type = requester_actor;
  static constexpr const char* name = "test.streamer";

  streamer_state(self_pointer<handle_type> self, orchestrator_actor front, request what,
                 std::shared_ptr<strings> heard)
    : self_(self), front_(std::move(front)), what_(std::move(what)), heard_(std::move(heard)) {}

  handle_type::behavior_type make_behavior() {
    self_->mail(what_, requester_actor{self_})
      .request(front_, caf::infinite)
      .then([this](const accepted&) { heard_->push_back("accepted"); },
            [this](const caf::error&) { heard_->push_back("error"); });
    return {
      [this](const started&) { heard_->push_back("started"); },
      [this](const chunk&) { heard_->push_back("chunk"); },
      [this](const completion&) { heard_->push_back("completion"); },
      [this](const failure& x) { heard_->push_back(to_string(x.error)); },
    };
  }

  self_pointer<handle_type> self_;
  orchestrator_actor front_;
  request what_;
  std::shared_ptr<strings> heard_;
};

} // namespace

SUITE("requests") {

WITH_FIXTURE(runtime_fixture) {

TEST("an answer streams in order from the first provider of the chain and ends in one completion") {
  http->scripts["one"] = {answer("Hello out there")};
  start();
  const auto got = ask_stream("hi");
  require(opened.has_value());
  check(!opened->request_id.empty());
  check_eq(got->text(), "Hello out there");
  for (std::size_t i = 0; i < got->chunks.size(); ++i)
    check_eq(got->chunks[i].seq, i);
  require_eq(got->completions.size(), 1u);
  check_eq(got->ends(), 1u);
  const auto& end = got->completions.front();
  check_eq(end.request_id, opened->request_id);
  check_eq(end.provider, "one");
  check_eq(end.model, "m-1");
  check_eq(end.usage.prompt_tokens, 3u);
  check_eq(end.usage.completion_tokens, 2u);
  check_eq(trail(end.attempts), strings{"one ok"});
  check_eq(http->open(), 0u);
}

TEST("what arrives in one read goes out as one chunk, and what arrives later is not waited for") {
  start();
  const auto got = ask_stream("hi");
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("a");
  upstream.token("b");
  dispatch_messages();
  require_eq(got->chunks.size(), 1u);
  check_eq(got->chunks[0].text(), "ab");
  upstream.token("c");
  dispatch_messages();
  check_eq(got->chunks.size(), 2u);
  check_eq(got->ends(), 0u);
}

TEST("a collected answer is one completion with the whole text") {
  http->scripts["one"] = {answer("Hello out there")};
  start();
  const auto whole = ask<completion>(table->orchestrator(), make_request("hi"));
  require(static_cast<bool>(whole));
  check_eq(whole->text, "Hello out there");
}

TEST("a timeout is retried after 1 s and 2 s, then the next provider answers") {
  http->scripts["one"] = {silent()};
  http->scripts["two"] = {answer("late")};
  start();
  const auto got = ask_stream("hi");
  pass(29s);
  check_eq(http->transfers.size(), 1u);
  // Before the cooldown of the provider is over: its probe would be a transfer, too.
  pass(70s);
  require_eq(got->completions.size(), 1u);
  const auto& attempts = got->completions[0].attempts;
  require_eq(trail(attempts), strings{"one timeout", "one timeout", "one timeout", "two ok"});
  check_eq(attempts[0].wait, caf::timespan{0});
  check_ge(attempts[1].wait, caf::timespan{800ms});
  check_le(attempts[1].wait, caf::timespan{1200ms});
  check_ge(attempts[2].wait, caf::timespan{1600ms});
  check_le(attempts[2].wait, caf::timespan{2400ms});
  check_eq(attempts[3].wait, caf::timespan{0});
  check_eq(got->text(), "late");
  check_eq(http->open(), 0u);
}

TEST("a rate limit falls back with no wait") {
  http->scripts["one"] = {status(429, "rate_limit_exceeded", {{"retry-after", "7"}})};
  http->scripts["two"] = {answer("fine")};
  start();
  const auto got = ask_stream("hi");
  require_eq(got->completions.size(), 1u);
  check_eq(trail(got->completions[0].attempts), strings{"one rate_limited", "two ok"});
  // It rests now: the next request does not ask it.
  const auto next = ask_stream("again");
  require_eq(next->completions.size(), 1u);
  check_eq(trail(next->completions[0].attempts), strings{"two ok"});
  pass(7s);
  http->scripts["one"] = {answer("rested")};
  check_eq(ask_stream("third")->text(), "rested");
}

TEST("a rate limit of the only provider is waited out when the deadline allows it") {
  http->scripts["one"] = {status(429, "rate_limit_exceeded", {{"retry-after", "7"}}), answer("fine")};
  start();
  auto what = make_request("hi");
  what.targets = {"one"};
  const auto got = ask_stream(what);
  pass(6900ms);
  check_eq(got->ends(), 0u);
  pass(200ms);
  require_eq(got->completions.size(), 1u);
  check_eq(got->completions[0].attempts[1].wait, caf::timespan{7s});
  what.deadline = 5s;
  http->scripts["one"] = {status(429, "rate_limit_exceeded", {{"retry-after", "7"}})};
  const auto hasty = ask_stream(what);
  require_eq(hasty->failures.size(), 1u);
  check_eq(hasty->failures[0].error, errc::rate_limited);
  require(hasty->failures[0].retry_after.has_value());
  check_eq(*hasty->failures[0].retry_after, caf::timespan{7s});
}

TEST("targets are tried in their order, each with its own model, one provider with several") {
  http->scripts["one"] = {status(404, "model_not_found"), status(404, "model_not_found")};
  http->scripts["two"] = {answer("from two")};
  start();
  auto what = make_request("hi");
  what.model = "for-all";
  what.targets = {{"one", "a"}, {"one", "b"}, {"one", "a"}, "two", {"three", "c"}};
  const auto got = ask_stream(what);
  require_eq(got->completions.size(), 1u);
  strings asked;
  for (const auto& x : got->completions[0].attempts)
    asked.push_back(x.provider + '/' + x.model);
  check_eq(asked, strings{"one/a", "one/b", "two/for-all"});
  for (std::size_t i = 0; i < 3; ++i)
    check_found(http->transfers.at(i)->request.body,
                std::vector<std::string>{"\"a\"", "\"b\"", "for-all"}[i]);
}

TEST("when all models of one provider fail the failure names each") {
  http->scripts["one"] = {status(404, "model_not_found"), status(503)};
  start();
  auto what = make_request("hi");
  what.targets = {{"one", "a"}, {"one", "b"}};
  const auto got = ask_stream(what);
  require_eq(got->failures.size(), 1u);
  check_found(got->failures[0].message,
              "all 2 targets failed: one/a: model_not_found.*one/b: provider_unavailable");
}

TEST("accepted comes first, also when the request fails at once") {
  config.providers.resize(1);
  http->scripts["one"] = {status(429, "rate_limit_exceeded", {{"retry-after", "7"}})};
  start();
  auto what = make_request("hi");
  what.deadline = 2s;
  check_eq(ask_stream(what)->ends(), 1u);
  // The provider rests for longer than the next request may take: nobody is asked.
  const auto heard = std::make_shared<strings>();
  const auto streamer = spawn_state<streamer_state>(sys, table->orchestrator(), what, heard);
  dispatch_messages();
  check_eq(*heard, strings{"accepted", "rate_limited"});
  check_eq(http->transfers.size(), 1u);
}

TEST("when all providers fail the one failure names each provider's error") {
  http->scripts["one"] = {refused()};
  http->scripts["two"] = {status(401)};
  http->scripts["three"] = {status(404, "model_not_found")};
  start();
  const auto got = ask_stream("hi");
  require_eq(got->failures.size(), 1u);
  check_eq(got->ends(), 1u);
  const auto& end = got->failures[0];
  check_eq(end.error, errc::all_providers_failed);
  check_eq(trail(end.attempts),
           strings{"one provider_unavailable", "two authentication_failed", "three model_not_found"});
  for (const auto* part :
       {"one: provider_unavailable", "two: authentication_failed", "three: model_not_found"})
    check_ne(end.message.find(part), std::string::npos);
  check_eq(end.delivered_chars, 0u);
}

TEST("the failure of the only provider tried has that provider's own error") {
  http->scripts["two"] = {refused()};
  start();
  auto what = make_request("hi");
  what.targets = {"two"};
  const auto got = ask_stream(what);
  // It is asked again, for there is no other.
  pass(4s);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].attempts.size(), 3u);
  check_eq(got->failures[0].error, errc::provider_unavailable);
  check_eq(got->failures[0].provider, "two");
}

TEST("a break after the first text is one failure that tells how much was delivered, and no fallback") {
  http->scripts["one"] = {break_after("h\\u00e9llo")};
  http->scripts["two"] = {answer("never")};
  start();
  const auto got = ask_stream("hi");
  check_eq(got->text(), "h\xc3\xa9llo");
  require_eq(got->failures.size(), 1u);
  check_eq(got->ends(), 1u);
  check_eq(got->failures[0].error, errc::stream_truncated);
  check_eq(got->failures[0].delivered_chars, 5u);
  check_eq(got->failures[0].provider, "one");
  check(http->to("two").empty());
}

TEST("a break before any text is retried and the requester notices nothing") {
  http->scripts["one"] = {break_after(""), answer("whole")};
  start();
  const auto got = ask_stream("hi");
  pass(2s);
  require_eq(got->completions.size(), 1u);
  check_eq(got->text(), "whole");
  check_eq(trail(got->completions[0].attempts), strings{"one stream_truncated", "one ok"});
}

TEST("a collected answer that broke is retried even after text had come") {
  http->scripts["one"] = {break_after("half "), answer("whole")};
  start();
  const auto collected = std::make_shared<std::optional<completion>>();
  spawn_state<asker_state>(sys, table->orchestrator(), make_request("hi"), collected);
  dispatch_messages();
  pass(2s);
  require(collected->has_value());
  check_eq((*collected)->text, "whole");
}

TEST("who waits for a collected answer and dies closes upstream's transfer") {
  start();
  const auto collected = std::make_shared<std::optional<completion>>();
  const auto asker = spawn_state<asker_state>(sys, table->orchestrator(), make_request("hi"), collected);
  dispatch_messages();
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("half");
  dispatch_messages();
  check(!upstream.cancelled);
  inject_exit(asker, caf::exit_reason::kill);
  dispatch_messages();
  check(upstream.cancelled);
  check_eq(http->transfers.size(), 1u);
}

TEST("a stream that ends without proof of completion is never a completion") {
  start();
  const auto got = ask_stream("hi");
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("most of it");
  upstream.end();
  dispatch_messages();
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::stream_truncated);
  check_eq(got->failures[0].delivered_chars, 10u);
}

TEST("silence between tokens is a timeout, and signs of life are not silence") {
  start();
  const auto got = ask_stream("hi");
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("a");
  dispatch_messages();
  for (int i = 0; i < 5; ++i) {
    pass(20s);
    upstream.data(": still here\n\n");
    dispatch_messages();
  }
  check_eq(got->ends(), 0u);
  pass(31s);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::timeout);
  check_eq(got->failures[0].delivered_chars, 1u);
  check(upstream.cancelled);
}

TEST("pings do not put off the deadline of the first token") {
  start();
  auto what = make_request("hi");
  what.targets = {"one"};
  const auto got = ask_stream(what);
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  for (int i = 0; i < 29; ++i) {
    upstream.data(": ping\n\n");
    dispatch_messages();
    pass(1s);
  }
  check(!upstream.cancelled);
  pass(1100ms);
  check(upstream.cancelled);
}

TEST("the deadline of the whole request ends it over all retries") {
  http->scripts["one"] = {silent()};
  start();
  auto what = make_request("hi");
  what.deadline = 45s;
  const auto got = ask_stream(what);
  pass(44900ms);
  check_eq(got->ends(), 0u);
  pass(200ms);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::deadline_exceeded);
  check_eq(http->open(), 0u);
  check_eq(pending_timers(), 0u);
}

TEST("cancel closes the transfer, ends the request once, and leaves no timer") {
  start();
  const auto got = ask_stream("hi");
  require_eq(http->open(), 1u);
  anon_mail(cancel{opened->request_id}).send(table->orchestrator());
  dispatch_messages();
  check_eq(http->open(), 0u);
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::cancelled);
  check_eq(pending_timers(), 0u);
  anon_mail(cancel{opened->request_id}).send(table->orchestrator());
  dispatch_messages();
  check_eq(got->ends(), 1u);
  check_eq(status_of("one").in_flight, 0u);
  check_eq(status_of("one").state, health_state::unknown);
}

TEST("cancel through the stream's own control works, also during a backoff") {
  http->scripts["one"] = {break_after("")};
  start();
  const auto got = ask_stream("hi");
  check_eq(http->open(), 0u);
  anon_mail(cancel{opened->request_id}).send(opened->control);
  dispatch_messages();
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::cancelled);
  pass(10s);
  check_eq(http->transfers.size(), 1u);
}

TEST("the requester's death cancels its requests and no others") {
  start();
  const auto gone = ask_stream("hi");
  const auto dying = requester;
  const auto other = ask_stream("hello");
  require_eq(http->open(), 2u);
  inject_exit(dying, caf::exit_reason::kill);
  dispatch_messages();
  check(http->transfers[0]->cancelled);
  check(!http->transfers[1]->cancelled);
  http->transfers[1]->head(200);
  http->transfers[1]->token("still here");
  http->transfers[1]->finish();
  http->transfers[1]->end();
  dispatch_messages();
  check_eq(other->text(), "still here");
  check_eq(gone->ends(), 0u);
}

TEST("without credit nothing more comes and the transfer is paused; with credit nothing is lost") {
  start();
  auto what = make_request("hi");
  what.initial_credit = 10;
  const auto got = ask_stream(what);
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  std::string sent;
  int tokens = 0;
  while (!upstream.paused && tokens < 100'000) {
    const auto token = "t" + std::to_string(tokens++) + " ";
    upstream.token(token);
    sent += token;
    dispatch_messages();
  }
  check(upstream.paused);
  check_le(sent.size() - got->text().size(), 4u * transfer_inbox::default_limit);
  // One token may go beyond the credit.
  check_le(got->text().size(), 20u);
  check_ge(got->text().size(), 10u);
  // A requester that is slow is not a provider that is silent.
  pass(120s);
  check_eq(got->ends(), 0u);
  while (got->text().size() < sent.size()) {
    const auto before = got->text().size();
    anon_mail(credit{opened->request_id, 1000}).send(opened->control);
    dispatch_messages();
    require_ne(got->text().size(), before);
  }
  check_eq(got->text(), sent);
  check(!upstream.paused);
  upstream.finish();
  upstream.end();
  dispatch_messages();
  check_eq(got->completions.size(), 1u);
}

TEST("a requester that grants nothing from the start is no silent provider either") {
  start();
  auto what = make_request("hi");
  what.initial_credit = 0;
  const auto got = ask_stream(what);
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.token("Hello");
  dispatch_messages();
  pass(120s);
  check_eq(got->ends(), 0u);
  check_eq(got->text(), "");
  check(!upstream.cancelled);
  anon_mail(credit{opened->request_id, 100}).send(opened->control);
  dispatch_messages();
  check_eq(got->text(), "Hello");
  upstream.finish();
  dispatch_messages();
  check_eq(got->completions.size(), 1u);
}

TEST("a parameter that the model refuses is left out, at once and from then on") {
  const auto refuse_temperature = [](fake_transfer& x) {
    if (x.request.body.find("temperature") == std::string::npos) {
      answer("without")(x);
      return;
    }
    x.head(400, {{"content-type", "application/json"}});
    x.data(R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.3 with this model.",)"
           R"("type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})");
    x.end();
  };
  http->scripts["one"] = {refuse_temperature};
  start();
  auto what = make_request("hi");
  what.params.temperature = 0.3;
  const auto got = ask_stream(what);
  check_eq(got->text(), "without");
  require_eq(got->completions.size(), 1u);
  check_eq(trail(got->completions[0].attempts), strings{"one ok"});
  check_eq(http->transfers.size(), 2u);
  check_eq(ask_stream(what)->text(), "without");
  check_eq(http->transfers.size(), 3u);
}

TEST("a refused key is put aside and the next key is tried at once") {
  config.providers[0].keys = {"bad", "good"};
  http->scripts["one"] = {[](fake_transfer& x) {
    for (const auto& [name, value] : x.request.headers)
      if (value == "Bearer good")
        return answer("let in")(x);
    status(401, "invalid_api_key")(x);
  }};
  start();
  const auto got = ask_stream("hi");
  require_eq(got->completions.size(), 1u);
  check_eq(trail(got->completions[0].attempts), strings{"one authentication_failed", "one ok"});
  check_eq(status_of("one").state, health_state::healthy);
  for (int i = 0; i < 4; ++i)
    check_eq(trail(ask_stream("again")->completions.at(0).attempts), strings{"one ok"});
}

TEST("a wrong request fails before any provider is asked, and says what is wrong") {
  start();
  ask_stream(make_request(""));
  require(!opened.has_value());
  check(refusal == errc::invalid_request);
  auto what = make_request("hi");
  what.targets = {"nobody"};
  ask_stream(what);
  require(!opened.has_value());
  check_ne(to_string(refusal).find("nobody"), std::string::npos);
  check_ne(to_string(refusal).find("one, two, three"), std::string::npos);
  ask_stream(make_request("\xff"));
  check(!opened.has_value());
  check(http->transfers.empty());
}

TEST("an ID that is running already is refused; one that has ended may come again") {
  http->scripts["one"] = {silent(), answer("x")};
  start();
  auto what = make_request("hi");
  what.id = "mine";
  const auto first = ask_stream(what);
  const auto control = opened->control;
  ask_stream(what);
  check(!opened.has_value());
  anon_mail(cancel{"mine"}).send(control);
  dispatch_messages();
  check_eq(ask_stream(what)->completions.size(), 1u);
}

TEST("a drain lets running requests end, refuses new ones, and cancels at its deadline") {
  start();
  const auto running = ask_stream("hi");
  const auto front = table->orchestrator();
  anon_mail(drain{30s}).send(supervisor);
  dispatch_messages();
  ask_stream("too late");
  require(!opened.has_value());
  check(refusal == errc::overloaded);
  pass(29900ms);
  check_eq(running->ends(), 0u);
  check(!terminated(supervisor));
  pass(200ms);
  require_eq(running->failures.size(), 1u);
  check_eq(running->failures[0].error, errc::cancelled);
  check(terminated(supervisor));
  check(terminated(front));
  check_eq(http->open(), 0u);
  check_eq(pending_timers(), 0u);
}

TEST("a thousand requests at once each get their own answer and leave nothing behind") {
  http->scripts["one"] = {[](fake_transfer& x) {
    const auto at = x.request.body.find("echo-");
    answer(x.request.body.substr(at, x.request.body.find('"', at) - at))(x);
  }};
  start();
  std::vector<received_ptr> all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(ask_stream("echo-" + std::to_string(i)));
    inject_exit(requester, caf::exit_reason::user_shutdown);
  }
  dispatch_messages();
  for (int i = 0; i < 1000; ++i) {
    check_eq(all[i]->text(), "echo-" + std::to_string(i));
    check_eq(all[i]->ends(), 1u);
  }
  check_eq(pending_timers(), 0u);
  check_eq(status_of("one").in_flight, 0u);
  check_eq(status_of("one").successes, 1000u);
}

} // WITH_FIXTURE(runtime_fixture)

} // SUITE("requests")
