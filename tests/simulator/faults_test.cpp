#include <magna/simulator/server.hpp>

#include <chrono>
#include <string>

#include <magna/tests/simulator/client.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using namespace std::chrono_literals;
using magna::test::ask_for;
using magna::test::client;
using magna::test::every_protocol;

namespace {

namespace http = boost::beast::http;

/// Sends a generation request and reads what comes of it.
magna::test::response ask(const server& sim, protocol kind, bool stream) {
  client user{sim.port()};
  auto request = ask_for(kind, stream);
  return user.ask("POST", request.target, request.body, request.headers);
}

} // namespace

SUITE("simulator faults") {

TEST("a cut ends the connection in the middle of the message") {
  server sim;
  for (auto kind : every_protocol) {
    for (auto stream : {true, false}) {
      sim.set_scenario(parse_scenario("all=cut(at=start),cut(at=headers),cut(after=2),cut(at=end)"));
      sim.reset();
      check_eq(ask(sim, kind, stream).error, http::error::end_of_stream);
      for (int i = 1; i < 4; ++i) {
        auto got = ask(sim, kind, stream);
        check_eq(got.error, http::error::partial_message);
        check_eq(got.status, 200u);
        check_eq(got.body.empty(), i == 1);
      }
      require(sim.wait_for_end(3).has_value());
      for (const auto& entry : sim.requests())
        check(entry.end == ending::cut);
    }
  }
}

TEST("a body without framing ends with the connection, so that a cut looks like an end") {
  server sim{{.scenario = parse_scenario("ollama=cut(after=2, framing=close),ok(framing=close)")}};
  auto cut = ask(sim, protocol::ollama, true);
  check(!cut.error);
  check_eq(cut.body.find("\"done\":true"), std::string::npos);
  auto whole = ask(sim, protocol::ollama, true);
  check(!whole.error);
  check_ne(whole.body.find("\"done\":true"), std::string::npos);
}

TEST("a reset is one on the wire") {
  server sim{{.scenario = parse_scenario("all=reset(at=start)")}};
  for (auto kind : every_protocol) {
    client user{sim.port()};
    auto request = ask_for(kind, true);
    user.send("POST", request.target, request.body, request.headers);
    check_eq(user.wait_for_close(), boost::asio::error::connection_reset);
  }
  sim.set_scenario(parse_scenario("all=reset(after=2)"));
  check_eq(ask(sim, protocol::openai, true).error, boost::asio::error::connection_reset);
  check(sim.requests().back().end == ending::reset);
}

TEST("a client that leaves a stall is noticed at once") {
  server sim{{.scenario = parse_scenario("all=stall,stall(at=headers),stall(after=2),stall(at=end)")}};
  for (auto kind : every_protocol) {
    sim.reset();
    for (std::uint64_t id = 0; id < 4; ++id) {
      client user{sim.port()};
      auto request = ask_for(kind, true);
      user.send("POST", request.target, request.body, request.headers);
      if (id == 0)
        check(sim.wait_for_requests(1));
      else
        user.receive_until("\r\n\r\n");
      check(sim.requests().at(id).end == ending::open);
      auto before = std::chrono::steady_clock::now();
      user.close();
      auto entry = sim.wait_for_end(id);
      require(entry.has_value());
      check(entry->end == ending::client_closed);
      check_lt((entry->ended - before).count(), std::chrono::nanoseconds{1s}.count());
    }
  }
}

TEST("a client that leaves is noticed between tokens, and while it doesn't read") {
  server sim{{.scenario = parse_scenario("ollama=ok(token_delay=1s, tokens=3600),ok(endless=true)"),
              .send_buffer = 4096}};
  auto request = ask_for(protocol::ollama, true);
  for (std::uint64_t id = 0; id < 2; ++id) {
    client user{sim.port()};
    user.send("POST", request.target, request.body, request.headers);
    user.receive_until("\"done\":false}\n");
    user.close();
    auto entry = sim.wait_for_end(id);
    require(entry.has_value());
    check(entry->end == ending::client_closed);
  }
}

TEST("a step that strikes in the middle of a character sends half of it") {
  server sim{{.scenario = parse_scenario("all=cut(at=utf8)")}};
  for (auto kind : every_protocol) {
    auto got = ask(sim, kind, true);
    check_eq(got.error, http::error::partial_message);
    check(got.body.ends_with("\xE2"));
  }
}

TEST("a parameter is refused until it is left out") {
  server sim{{.scenario = parse_scenario("openai=unsupported_parameter")}};
  client user{sim.port()};
  auto request = ask_for(protocol::openai, true);
  auto with = request.body;
  with.insert(1, R"("temperature":0.7,)");
  check_eq(user.ask("POST", request.target, with, request.headers).status, 400u);
  check_eq(user.ask("POST", request.target, request.body, request.headers).status, 200u);
}

TEST("each piece of a divided body is a chunk of its own") {
  server sim{{.scenario = parse_scenario("openai=raw(body=abcde, split=2, framing=chunked)")}};
  client user{sim.port()};
  auto request = ask_for(protocol::openai, false);
  user.send("POST", request.target, request.body, request.headers);
  user.receive_until("\r\n\r\n");
  check_eq(user.receive_until("0\r\n\r\n"), "2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\n\r\n");
}

TEST("delays pass in real time") {
  server sim{{.scenario = parse_scenario("gemini=ok(delay=30, tokens=3, token_delay=20)")}};
  auto before = std::chrono::steady_clock::now();
  ask(sim, protocol::gemini, true);
  check_ge((std::chrono::steady_clock::now() - before).count(), std::chrono::nanoseconds{70ms}.count());
  auto entry = sim.requests().at(0);
  check_ge((entry.first_byte - entry.arrived).count(), std::chrono::nanoseconds{30ms}.count());
}

} // SUITE("simulator faults")
