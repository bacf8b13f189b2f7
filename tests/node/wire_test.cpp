#include <algorithm>
#include <set>

#include "certificates.hpp"
#include "node_fixture.hpp"
#include "recording_relay.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

struct wire_fixture : node_fixture {
  static constexpr std::string_view secret_prompt = "the-prompt-that-nobody-else-may-read";
  static constexpr std::string_view secret_answer = "the-answer-that-nobody-else-may-read";

  using clock = std::chrono::steady_clock;

  /// What goes over the wire while a client asks once.
  std::string capture(const words& node_tls, const words& client_tls) {
    steps("gemini=ok(text=\"" + std::string{secret_answer} + "\")");
    recording_relay tap{parse_node_address(start(node_tls))->port};
    words arguments{"ask", "--node", tap.authority()};
    arguments.insert(arguments.end(), client_tls.begin(), client_tls.end());
    arguments.emplace_back(secret_prompt);
    const auto result = run(arguments);
    runnable::current().check_eq(result.out, secret_answer);
    return tap.recorded();
  }

  /// How long it takes from `act` until the provider's connection is closed: the middle of eleven times.
  template <class F>
  std::chrono::milliseconds time_to_close(F act) {
    steps("gemini=ok(endless=true, token_delay=5)");
    start();
    connection();
    std::vector<std::chrono::milliseconds> times;
    for (std::uint64_t i = 0; i < 11; ++i) {
      const auto results = std::make_shared<board>(1);
      auto what = to_say("Hello");
      what.id = "request-" + std::to_string(i);
      const requester_actor who = spawn_state<asking_state>(client(), way, what, results, std::size_t{0});
      runnable::current().require(results->wait_until(has_begun));
      const auto begin = clock::now();
      act(what.id, who);
      const auto entry = sim.wait_for_end(i, 10s);
      runnable::current().require(entry.has_value());
      runnable::current().check(entry->end == simulator::ending::client_closed);
      times.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(entry->ended - begin));
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
  }
};

} // namespace

WITH_FIXTURE(wire_fixture) {

SUITE("wire") {

TEST("ten thousand requests through a node: each is answered once, with its own answer") {
  constexpr std::size_t total = 10'000;
  constexpr std::size_t at_a_time = 500;
  steps("all=echo");
  start();
  connection();
  std::size_t failed = 0;
  std::size_t wrong = 0;
  for (std::size_t begin = 0; begin < total; begin += at_a_time) {
    const auto results = std::make_shared<board>(at_a_time);
    for (std::size_t i = 0; i < at_a_time; ++i)
      spawn_state<asking_state>(client(), way, to_say("request " + std::to_string(begin + i)), results, i);
    require(results->wait_until(has_ended));
    const auto all = results->entries();
    for (std::size_t i = 0; i < at_a_time; ++i) {
      failed += all[i].completions != 1 || all[i].failures != 0 ? 1 : 0;
      wrong += all[i].text != "request " + std::to_string(begin + i) ? 1 : 0;
    }
  }
  check_eq(failed, 0u);
  check_eq(wrong, 0u);
  // None was asked twice.
  std::set<std::string> asked;
  for (const auto& x : sim.requests())
    asked.insert(x.body);
  check_eq(sim.requests().size(), total);
  check_eq(asked.size(), total);
}

TEST("a cancelled request closes the provider's connection within 200 ms, from the other side of a wire") {
  check_le(
    time_to_close([this](const std::string& id, const requester_actor&) { anon_mail(cancel{id}).send(way); }),
    200ms);
}

TEST("a requester that dies closes the provider's connection within 200 ms, from the other side of a wire") {
  check_le(time_to_close([](const std::string&, const requester_actor& who) {
             caf::anon_send_exit(who, caf::exit_reason::kill);
           }),
           200ms);
}

TEST("a request that is too large for the wire is refused by name, and disturbs nobody") {
  steps("gemini=ok(endless=true, token_delay=20)");
  start();
  connection();
  const auto other = ask_many(way, 1);
  require(other->wait_until(has_begun));
  const auto results = std::make_shared<board>(1);
  spawn_state<asking_state>(client(), way, to_say(std::string(100 << 20, 'x')), results, std::size_t{0});
  require(results->wait_until(has_ended));
  check(results->entries()[0].error == errc::invalid_request);
  check_eq(other->entries()[0].failures, 0);
}

TEST("without TLS a tap on the wire shows prompt and answer") {
  const auto seen = capture({}, {});
  check_ne(seen.find(secret_prompt), std::string::npos);
  check_ne(seen.find(secret_answer), std::string::npos);
}

TEST("with TLS a tap on the wire shows neither prompt nor answer") {
  const certificates pki{directory / "pki"};
  const auto seen = capture(pki.of("node"), pki.of("client"));
  check_gt(seen.size(), 1'000u);
  check_eq(seen.find(secret_prompt), std::string::npos);
  check_eq(seen.find(secret_answer), std::string::npos);
}

} // SUITE("wire")

} // WITH_FIXTURE(wire_fixture)
