#include <magna/simulator/server.hpp>

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

#include <magna/tests/simulator/client.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna::simulator;
using magna::test::ask_for;
using magna::test::client;
using magna::test::every_protocol;
using magna::test::response;
using nlohmann::json;

namespace {

server_options with(std::string_view text) {
  return {.scenario = parse_scenario(text)};
}

response ask(client& from, protocol kind, bool stream, const std::string& prompt = "hi there",
             const std::string& instance = {}) {
  auto request = ask_for(kind, stream, prompt, instance);
  return from.ask("POST", request.target, request.body, request.headers);
}

response ask(const server& sim, protocol kind, bool stream = false) {
  client fresh{sim.port()};
  return ask(fresh, kind, stream);
}

} // namespace

SUITE("simulator server") {

TEST("every protocol answers, streaming and not, over one connection") {
  server sim{with("all=ok(text=\"hello you\")")};
  client user{sim.port()};
  for (auto kind : every_protocol) {
    for (auto stream : {true, false}) {
      auto got = ask(user, kind, stream);
      check(!got.error);
      check_eq(got.status, 200u);
      check_ne(got.body.find("hello"), std::string::npos);
      check_eq(got.header("Transfer-Encoding"), stream ? "chunked" : "");
    }
  }
  require(sim.wait_for_end(7).has_value());
  auto log = sim.requests();
  require_eq(log.size(), 8u);
  for (std::size_t i = 0; i < log.size(); ++i) {
    check_eq(log[i].id, i);
    check_eq(log[i].connection, 0u);
    check_eq(log[i].status, 200u);
    check_eq(log[i].step, "ok");
    check(log[i].end == ending::answered);
    check(log[i].on == route::generate);
    check_eq(log[i].stream, i % 2 == 0);
    check_eq(log[i].tokens_sent, 2u);
  }
  check_eq(log[0].model, "g");
  check_eq(log[2].model, "o");
  check_eq(log[6].model, "l");
  check_eq(log[2].headers.at("authorization"), "Bearer k");
  check_eq(log[6].body, ask_for(protocol::ollama, true).body);
}

TEST("the n-th request gets the n-th step, and the last step repeats") {
  server sim{with("openai=server_error(times=2),rate_limited,ok; ollama=overloaded")};
  std::vector<unsigned> seen;
  for (int i = 0; i < 5; ++i)
    seen.push_back(ask(sim, protocol::openai).status);
  check(seen == std::vector<unsigned>{500, 500, 429, 200, 200});
  check_eq(ask(sim, protocol::ollama).status, 503u);
  check_eq(ask(sim, protocol::gemini).status, 200u);
}

TEST("with repeat=all the first step comes again after the last") {
  server sim{with("openai(repeat=all)=server_error(times=2),rate_limited,ok")};
  std::vector<unsigned> seen;
  for (int i = 0; i < 10; ++i)
    seen.push_back(ask(sim, protocol::openai).status);
  check(seen == std::vector<unsigned>{500, 500, 429, 200, 500, 500, 429, 200, 500, 500});
}

TEST("instances and models have steps of their own") {
  server sim{with(
    "openai=ok; openai(instance=b)=server_error; openai(model=o)=rate_limited; openai(model=x)=overloaded")};
  client user{sim.port()};
  check_eq(ask(user, protocol::openai, false).status, 429u);
  check_eq(ask(user, protocol::openai, false, "hi", "b").status, 500u);
  check_eq(ask(user, protocol::openai, false, "hi", "c").status, 429u);
  auto log = sim.requests();
  check_eq(log.at(1).instance, "b");
  check(sim.url(protocol::openai, "b").ends_with("/i/b/v1"));
  check(sim.url(protocol::gemini).ends_with(":" + std::to_string(sim.port())));
}

TEST("a scenario can be replaced, and its errors change nothing") {
  server sim{with("gemini=server_error")};
  check_eq(ask(sim, protocol::gemini).status, 500u);
  sim.set_scenario(parse_scenario("gemini=overloaded,ok"));
  check_eq(ask(sim, protocol::gemini).status, 503u);
  check_throws<scenario_error>(
    [&] { sim.set_scenario({{track{.kind = protocol::gemini, .steps = {step{.name = "nonsense"}}}}}); });
  check_eq(ask(sim, protocol::gemini).status, 200u);
  sim.reset();
  check_eq(sim.requests().size(), 0u);
  check_eq(ask(sim, protocol::gemini).status, 503u);
  check_eq(sim.requests().at(0).id, 0u);
}

TEST("it can be watched and steered over HTTP") {
  server sim;
  client user{sim.port()};
  check_eq(user.ask("POST", "/_simulator/scenario", "ollama=overloaded").status, 200u);
  check_eq(ask(user, protocol::ollama, true).status, 503u);
  auto refused = user.ask("POST", "/_simulator/scenario", "ollama=nonsense");
  check_eq(refused.status, 400u);
  magna::test::check_found(refused.body, "unknown step 'nonsense'");
  check_eq(
    user.ask("POST", "/_simulator/scenario", "[ollama]\nsteps=['ok']", {{"Content-Type", "application/toml"}})
      .status,
    200u);
  check_eq(ask(user, protocol::ollama, true).status, 200u);
  require(sim.wait_for_end(1).has_value());
  auto log = json::parse(user.ask("GET", "/_simulator/requests").body);
  require_eq(log.size(), 2u);
  check_eq(log[0]["protocol"].get<std::string>(), "ollama");
  check_eq(log[0]["status"].get<int>(), 503);
  check_eq(log[0]["step"].get<std::string>(), "overloaded");
  check_eq(log[1]["end"].get<std::string>(), "answered");
  check_eq(user.ask("POST", "/_simulator/reset").status, 200u);
  check_eq(sim.requests().size(), 0u);
  check_eq(user.ask("GET", "/_simulator/nothing").status, 404u);
}

TEST("probes are answered, and can be made to fail") {
  server sim{with("ollama(on=probe)=ok,server_error")};
  client user{sim.port()};
  auto gemini = user.ask("GET", "/v1beta/models?pageSize=1", {}, {{"x-goog-api-key", "k"}});
  check_eq(json::parse(gemini.body)["models"].size(), 1u);
  auto openai = user.ask("GET", "/v1/models", {}, {{"Authorization", "Bearer k"}});
  check_eq(json::parse(openai.body)["object"].get<std::string>(), "list");
  auto one = user.ask("GET", "/v1/models/gpt-6-luna", {}, {{"Authorization", "Bearer k"}});
  check_eq(json::parse(one.body)["id"].get<std::string>(), "gpt-6-luna");
  check(json::parse(user.ask("GET", "/api/version").body).contains("version"));
  check_eq(user.ask("GET", "/api/tags").status, 500u);
  sim.set_scenario({});
  check_eq(json::parse(user.ask("GET", "/api/tags").body)["models"][0]["name"].get<std::string>(),
           "gemma4:latest");
  check_eq(user.ask("GET", "/").body, "Ollama is running");
  auto head = user.ask("HEAD", "/api/version");
  check_eq(head.status, 200u);
  check(head.body.empty());
  check_eq(user.ask("GET", "/").body, "Ollama is running");
  check(sim.requests().at(0).on == route::probe);
}

TEST("a key is wanted as the real servers want it") {
  server sim{with("openai(keys=right); gemini(keys=right)")};
  client user{sim.port()};
  auto openai = ask_for(protocol::openai, false);
  auto missing = user.ask("POST", openai.target, openai.body);
  check_eq(missing.status, 401u);
  magna::test::check_found(missing.body, "didn't provide an API key");
  auto wrong = user.ask("POST", openai.target, openai.body, {{"Authorization", "Bearer wrong-key-1234"}});
  check_eq(wrong.status, 401u);
  check_eq(json::parse(wrong.body)["error"]["code"].get<std::string>(), "invalid_api_key");
  check_eq(wrong.body.find("wrong-key-1234"), std::string::npos);
  check_eq(user.ask("POST", openai.target, openai.body, {{"Authorization", "Bearer right"}}).status, 200u);
  auto gemini = ask_for(protocol::gemini, false);
  check_eq(user.ask("POST", gemini.target, gemini.body).status, 403u);
  check_eq(user.ask("POST", gemini.target, gemini.body, {{"x-goog-api-key", "wrong"}}).status, 400u);
  check_eq(user.ask("POST", gemini.target + "?key=right", gemini.body).status, 200u);
  magna::test::check_found(
    user.ask("POST", gemini.target, gemini.body, {{"x-goog-api-key", "right"}, {"Authorization", "Bearer x"}})
      .body,
    "Multiple authentication credentials");
  check_eq(ask(user, protocol::ollama, false).status, 200u);
}

TEST("only the listed models exist") {
  server sim{with("all(models=real)")};
  client user{sim.port()};
  for (auto kind : every_protocol)
    check_eq(ask(user, kind, true).status, 404u);
  auto body = R"({"model":"real:latest","messages":[{"role":"user","content":"hi"}]})";
  check_eq(user.ask("POST", "/api/chat", body).status, 200u);
  check_eq(json::parse(user.ask("GET", "/api/tags").body)["models"].size(), 1u);
}

TEST("a request that isn't one is refused without taking a step") {
  server sim{with("all=overloaded")};
  client user{sim.port()};
  for (auto kind : every_protocol) {
    auto request = ask_for(kind, true);
    for (const auto* body : {"", "{", "[]", "{}"})
      check_eq(user.ask("POST", request.target, body, request.headers).status, 400u);
    check_eq(user.ask("GET", request.target, {}, request.headers).status, 405u);
    check_eq(user.ask("POST", request.target, request.body, request.headers).status, 503u);
  }
  check_eq(user.ask("GET", "/v1beta/nothing").status, 404u);
  check_eq(user.ask("GET", "/v1/nothing").status, 404u);
  check_eq(user.ask("GET", "/nothing").status, 404u);
  auto openai = ask_for(protocol::openai, false);
  check_eq(
    user.ask("POST", openai.target, R"({"model":"m","messages":[{}],"stream_options":{}})", openai.headers)
      .status,
    400u);
  check_eq(user.ask("POST", "/api/chat", R"({"model":"m","messages":[{"role":"user","content":[]}]})").status,
           400u);
}

TEST("a prompt of megabytes arrives whole, also one announced with Expect") {
  server sim{with("all=echo")};
  client user{sim.port()};
  std::string prompt(10U << 20U, 'p');
  for (auto kind : every_protocol)
    check_ne(ask(user, kind, false, prompt).body.find(prompt), std::string::npos);
  auto log = sim.requests();
  check_gt(log.at(0).body_size, prompt.size());
  check(log.at(0).body.empty());
  auto request = ask_for(protocol::ollama, false, "short");
  user.send_raw("POST /api/chat HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
                + std::to_string(request.body.size()) + "\r\n\r\n");
  check_eq(user.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  user.send_raw(request.body);
  magna::test::check_found(user.receive().body, "short");
}

TEST("a body over the limit is refused") {
  server sim;
  client user{sim.port()};
  user.send_raw("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n\r\n");
  check_eq(user.receive().status, 413u);
}

TEST("a request sent before the answer to the last one waits for its turn") {
  server sim{with("ollama=ok(token_delay=1)")};
  client user{sim.port()};
  auto request = ask_for(protocol::ollama, true);
  user.send("POST", request.target, request.body);
  user.send("GET", "/api/version");
  magna::test::check_found(user.receive().body, "\"done\":true");
  magna::test::check_found(user.receive().body, "version");
}

TEST("a port that is taken is a clear error") {
  server sim;
  auto address = "127.0.0.1:" + std::to_string(sim.port());
  try {
    server second{{.port = sim.port()}};
    fail("two servers on one port");
  } catch (const std::runtime_error& error) {
    check_eq(std::string{error.what()},
             "the simulator can't listen on " + address + ": Address already in use");
  }
  check_throws<std::runtime_error>([] { server nowhere{{.address = "localhost.invalid"}}; });
}

TEST("a stop closes everything, and the port can be used again") {
  auto sim = std::make_unique<server>(with("all=stall(at=headers)"));
  auto port = sim->port();
  client user{port};
  auto request = ask_for(protocol::gemini, true);
  user.send("POST", request.target, request.body, request.headers);
  user.receive_until("\r\n\r\n");
  sim->stop();
  sim->stop();
  user.wait_for_close();
  auto log = sim->requests();
  require_eq(log.size(), 1u);
  check(log[0].end == ending::server_stopped);
  check_eq(sim->connections(), 0u);
  sim.reset();
  server again{{.port = port}};
  check_eq(ask(again, protocol::gemini).status, 200u);
}

TEST("thousands of connections are served at once") {
  auto limit = raise_open_file_limit();
  auto count = std::min<std::size_t>(2000, (limit - 100) / 2);
  server sim{with("ollama=stall(after=1),ok")};
  sim.set_scenario(parse_scenario("ollama=stall(after=1)"));
  auto request = ask_for(protocol::ollama, true);
  std::vector<std::unique_ptr<client>> users;
  for (std::size_t i = 0; i < count; ++i) {
    users.push_back(std::make_unique<client>(sim.port()));
    users.back()->send("POST", request.target, request.body);
  }
  check(sim.wait_for([count](const std::deque<request_log>& log) {
    return log.size() == count
           && std::ranges::all_of(log, [](const auto& entry) { return entry.tokens_sent == 1; });
  }));
  check_eq(sim.connections(), count);
  users.clear();
  check(sim.wait_for([](const std::deque<request_log>& log) {
    return std::ranges::all_of(log, [](const auto& entry) { return entry.end == ending::client_closed; });
  }));
}

} // SUITE("simulator server")
