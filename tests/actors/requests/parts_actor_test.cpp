// Thoughts and calls on their way through the runtime, in virtual time.

#include "../runtime_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

std::string event(const std::string& delta) {
  return R"(data: {"model":"m-1","choices":[{"index":0,"delta":)" + delta + "}]}\n\n";
}

std::string thought(const std::string& text) {
  return event(R"({"reasoning_content":")" + text + "\"}");
}

std::string call_piece(const std::string& piece) {
  return event(R"({"tool_calls":[)" + piece + "]}");
}

/// Says all of it, then breaks.
fake_transport::script breaks_after(std::string events) {
  return [events = std::move(events)](fake_transfer& x) {
    x.head(200);
    x.data(events);
    x.end(transfer_error{errc::stream_truncated, "the connection broke"});
  };
}

/// "one#1: reasoning hm | text a": who said what, in order.
std::string story(const received& got) {
  std::string result;
  for (std::size_t i = 0; i < got.starts.size(); ++i)
    result += (i > 0 ? " " : "") + got.starts[i].provider + "#" + std::to_string(got.starts[i].attempt);
  result += ":";
  for (const auto& x : got.chunks)
    for (const auto& y : x.parts)
      result += " " + to_string(y.kind) + " '" + y.name + y.bytes + "'";
  return result;
}

class parts_fixture : public runtime_fixture {
public:
  parts_fixture() {
    what = make_request("hi");
    what.stream_reasoning = true;
    what.stream_tool_calls = true;
    what.max_attempts = 2;
    config.providers.resize(2);
    // The next provider, at once.
    config.retry_budget = {.percent = 0, .minimum = 0};
  }

  request what;
};

} // namespace

SUITE("parts through the runtime") {

WITH_FIXTURE(parts_fixture) {

TEST("a break after thoughts goes on to the next provider, which is announced") {
  http->scripts["one"] = {breaks_after(thought("hm"))};
  http->scripts["two"] = {answer("Hello")};
  start();
  const auto got = ask_stream(what);
  check_eq(story(*got), "one#1 two#2: reasoning 'hm' text 'Hello'");
  check_eq(got->starts.at(0).request_id, opened->request_id);
  check_eq(got->starts.at(1).model, "m");
  check_eq(got->chunks.at(0).seq, 0u);
  check_eq(got->chunks.at(1).seq, 1u);
  require_eq(got->completions.size(), 1u);
  check_eq(got->completions[0].reasoning, "");
}

TEST("unless the settings say that thoughts bind") {
  config.commit_on_reasoning = true;
  http->scripts["one"] = {breaks_after(thought("hm"))};
  http->scripts["two"] = {answer("Hello")};
  start();
  const auto got = ask_stream(what);
  check_eq(story(*got), "one#1: reasoning 'hm'");
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::stream_truncated);
}

TEST("a break after the first piece of a call that was shown is the end") {
  http->scripts["one"] = {
    breaks_after(call_piece(R"({"index":0,"id":"c1","function":{"name":"look_up","arguments":""}})"))};
  http->scripts["two"] = {answer("Hello")};
  start();
  const auto got = ask_stream(what);
  check_eq(story(*got), "one#1: tool_call 'look_up'");
  require_eq(got->failures.size(), 1u);
  check_eq(got->failures[0].error, errc::stream_truncated);
}

TEST("a break after a piece of a call that nobody sees goes on") {
  what.stream_tool_calls = false;
  http->scripts["one"] = {
    breaks_after(call_piece(R"({"index":0,"id":"c1","function":{"name":"look_up","arguments":"{"}})"))};
  http->scripts["two"] = {answer("Hello")};
  start();
  check_eq(story(*ask_stream(what)), "two#2: text 'Hello'");
}

TEST("who wants only text gets only text, and the rest with the end") {
  what.stream_reasoning = false;
  what.stream_tool_calls = false;
  http->scripts["one"] = {[](fake_transfer& x) {
    x.head(200);
    x.data(thought("hm") + call_piece(R"({"index":0,"id":"c1","function":{"name":"a","arguments":"{}"}})"));
    x.token("Hello");
    x.finish();
    x.end();
  }};
  start();
  const auto got = ask_stream(what);
  check_eq(story(*got), "one#1: text 'Hello'");
  require_eq(got->completions.size(), 1u);
  const auto& end = got->completions[0];
  check_eq(end.reasoning, "hm");
  require_eq(end.tool_calls.size(), 1u);
  check_eq(end.message().items.at(0).data, "hm");
}

TEST("an answer that is collected has its text, its thoughts and its calls apart") {
  what.stream = false;
  http->scripts["one"] = {[](fake_transfer& x) {
    x.head(200, {{"content-type", "application/json"}});
    x.data(R"({"model":"m-1","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"hm",)"
           R"("content":"Hello"},"finish_reason":"stop"}]})");
    x.end();
  }};
  start();
  const auto whole = ask<completion>(table->orchestrator(), what);
  require(static_cast<bool>(whole));
  check_eq(whole->text, "Hello");
  check_eq(whole->reasoning, "hm");
}

TEST("credit counts every byte that is delivered, and none that is not") {
  config.providers.resize(1);
  what.initial_credit = 10;
  start();
  const auto got = ask_stream(what);
  auto& upstream = *http->transfers.at(0);
  upstream.head(200);
  upstream.data(thought("0123456789"));
  dispatch_messages();
  upstream.data(thought("more"));
  dispatch_messages();
  check_eq(story(*got), "one#1: reasoning '0123456789'");
  anon_mail(credit{opened->request_id, 4}).send(opened->control);
  dispatch_messages();
  check_eq(story(*got), "one#1: reasoning '0123456789' reasoning 'more'");
  what.stream_reasoning = false;
  const auto other = ask_stream(what);
  auto& second = *http->transfers.at(1);
  second.head(200);
  second.data(thought(std::string(100, 'x')));
  second.token("text");
  dispatch_messages();
  check_eq(story(*other), "one#1: text 'text'");
}

TEST("text of a collected answer that fails cancels nobody") {
  config.hedge = true;
  config.hedge_delay = 500ms;
  config.retry_budget = {};
  start();
  what.stream = false;
  const auto got = ask_stream(what);
  pass(600ms);
  require_eq(http->transfers.size(), 2u);
  auto& first = *http->transfers[0];
  first.head(200, {{"content-type", "application/json"}});
  first.data(R"({"model":"m","choices":[{"message":{"content":"half"},"finish_reason":"error"}]})");
  first.end();
  dispatch_messages();
  check(!http->transfers[1]->cancelled);
  check_eq(got->ends(), 0u);
}

TEST("the first content of a hedged request wins, thoughts included if they are shown") {
  config.hedge = true;
  config.hedge_delay = 500ms;
  config.retry_budget = {};
  start();
  const auto got = ask_stream(what);
  pass(600ms);
  require_eq(http->transfers.size(), 2u);
  auto& second = *http->transfers[1];
  second.head(200);
  second.data(thought("hm"));
  dispatch_messages();
  check(http->transfers[0]->cancelled);
  check_eq(story(*got), "two#2: reasoning 'hm'");
}

} // WITH_FIXTURE(parts_fixture)

} // SUITE("parts through the runtime")
