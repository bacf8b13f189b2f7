#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

WITH_FIXTURE(node_fixture) {

SUITE("node") {

TEST("a node answers a client that has no providers of its own") {
  steps("gemini=ok(text=\"From afar.\")");
  start();
  environment = {};
  const auto result = ask({"--node", addresses[0]});
  check_eq(result.out, "From afar.");
  check_eq(result.status, 0);
}

TEST("flags of the client go with the request; the rest is the node's") {
  environment["LLM_TOP_P"] = "0.25";
  start();
  environment = {};
  const auto result =
    ask({"--node", addresses[0], "--provider", "openai", "--model", "special", "--temperature", "0.5"});
  check_eq(result.status, 0);
  const auto sent = json::parse(sim.requests().at(0).body);
  check_eq(sent.at("model"), "special");
  check_eq(sent.at("temperature"), 0.5);
  check_eq(sent.at("top_p"), 0.25);
  check_eq(generations(), words{"openai"});
}

TEST("SIGTERM with 200 streams in flight loses no answer, takes no new request, and exits with 0") {
  steps("all=ok(tokens=40, token=\"x\", token_delay=50)");
  start();
  const auto whom = service();
  const auto running = ask_many(whom, 200);
  require(running->wait_until(has_begun));
  nodes[0]->send_signal(SIGTERM);
  // Signals are asynchronous: new requests are taken for a moment still.
  auto refused = false;
  for (int i = 0; i < 100 && !refused; ++i) {
    const auto late = ask_many(whom, 1);
    require(late->wait_until([](const board::entry& x) { return has_ended(x) || has_begun(x); }));
    refused = late->entries().at(0).error == errc::overloaded;
  }
  check(refused);
  check(running->wait_until(has_ended));
  for (const auto& x : running->entries()) {
    check_eq(x.why, "");
    check_eq(x.completions, 1);
    check_eq(x.failures, 0);
    check_eq(x.text, std::string(40, 'x'));
  }
  check_eq(nodes[0]->wait().status, 0);
}

TEST("a second signal ends the node at once") {
  steps("all=ok(endless=true, token_delay=20)");
  start();
  const auto running = ask_many(service(), 5);
  require(running->wait_until(has_begun));
  nodes[0]->send_signal(SIGTERM);
  require(nodes[0]->wait_for_error("draining"));
  nodes[0]->send_signal(SIGTERM);
  const auto result = nodes[0]->wait();
  check_eq(result.status, 130);
  check(running->wait_until([](const board::entry& x) { return x.error == errc::node_lost; }));
}

TEST("running requests are cancelled at the drain deadline, and each hears of it") {
  steps("all=ok(endless=true, token_delay=20)");
  write("magna.toml", "drain_deadline_seconds = 0.3\n");
  start();
  const auto running = ask_many(service(), 5);
  require(running->wait_until(has_begun));
  nodes[0]->send_signal(SIGTERM);
  check(running->wait_until(has_ended));
  for (const auto& x : running->entries()) {
    check_eq(x.failures, 1);
    check(x.error == errc::cancelled);
  }
  check_eq(nodes[0]->wait().status, 0);
}

TEST("SIGHUP swaps the configuration under running requests, and none fails") {
  steps("all=ok(tokens=40, token=\"x\", token_delay=25)");
  write("magna.toml", "chain = [\"gemini\"]\n");
  start();
  const auto whom = service();
  const auto running = ask_many(whom, 50);
  require(running->wait_until(has_begun));
  write("magna.toml", "chain = [\"openai\"]\n");
  nodes[0]->send_signal(SIGHUP);
  // The first request that openai gets was taken by the new configuration.
  for (int i = 0; i < 100; ++i) {
    const auto next = ask_many(whom, 1);
    require(next->wait_until([](const board::entry& x) { return has_begun(x) || has_ended(x); }));
    require_eq(next->entries().at(0).why, "");
    if (generations().back() == "openai")
      break;
  }
  check_eq(generations().back(), "openai");
  check(running->wait_until(has_ended));
  for (const auto& x : running->entries()) {
    check_eq(x.why, "");
    check_eq(x.completions, 1);
    check_eq(x.text, std::string(40, 'x'));
  }
  nodes[0]->send_signal(SIGTERM);
  check_eq(nodes[0]->wait().status, 0);
}

TEST("a configuration that is broken at SIGHUP is reported, and the old one stays") {
  write("magna.toml", "max_retries = 2\n");
  start();
  write("magna.toml", "max_retries = 2000\n");
  nodes[0]->send_signal(SIGHUP);
  environment = {};
  check_eq(ask({"--node", addresses[0]}).status, 0);
  nodes[0]->send_signal(SIGTERM);
  const auto result = nodes[0]->wait();
  check_eq(result.status, 0);
  check_found(result.err, "not reloaded: .*max_retries");
}

TEST("a cancelled stream of a client closes the node's connection to the provider") {
  steps("gemini=ok(endless=true, token_delay=5)");
  start();
  environment = {};
  process client{MAGNA_EXECUTABLE, options({"ask", "--node", addresses[0], "Hello"})};
  require(client.wait_for_output(" "));
  client.send_signal(SIGINT);
  check_eq(client.wait().status, 130);
  const auto entry = sim.wait_for_end(0, 10s);
  require(entry.has_value());
  check(entry->end == simulator::ending::client_closed);
}

TEST("a client that is killed closes the node's connection to the provider") {
  steps("gemini=ok(endless=true, token_delay=5)");
  start();
  environment = {};
  {
    process client{MAGNA_EXECUTABLE, options({"ask", "--node", addresses[0], "Hello"})};
    require(client.wait_for_output(" "));
  }
  const auto entry = sim.wait_for_end(0, 10s);
  require(entry.has_value());
  check(entry->end == simulator::ending::client_closed);
}

TEST("a node that is killed in mid-stream is one failure of the client's: node_lost") {
  steps("gemini=ok(endless=true, token_delay=5)");
  start();
  environment = {};
  process client{MAGNA_EXECUTABLE, options({"ask", "--json", "--node", addresses[0], "Hello"})};
  require(client.wait_for_output("chunk"));
  nodes[0]->send_signal(SIGKILL);
  const auto result = client.wait();
  check_eq(result.status, 1);
  check_eq(last_line(result).at("error"), "node_lost");
}

TEST("what is wrong with the command line is said before anything starts") {
  const auto wide = run({"node", "--listen", "0.0.0.0:0"});
  check_eq(wide.status, 2);
  check_found(wide.err, "--listen.*--tls-cert, --tls-key and --tls-ca");
  const auto half = run({"node", "--tls-cert", "cert.pem"});
  check_eq(half.status, 2);
  check_found(half.err, "--tls-key is missing");
  const auto nonsense = run({"node", "--listen", "nonsense"});
  check_eq(nonsense.status, 2);
  check_found(nonsense.err, "HOST:PORT");
  const auto nowhere = ask({"--node", "127.0.0.1:1"});
  check_eq(nowhere.status, 1);
  check_found(nowhere.err, "node_lost.*no connection to node 127.0.0.1:1");
}

TEST("a request that names no deadline has the node's own") {
  steps("gemini=stall");
  write("short.toml", "deadline_seconds = 0.5\n");
  start({"--config", "short.toml"});
  const auto result = ask({"--node", addresses[0], "--json"});
  check_eq(last_line(result).at("error"), "deadline_exceeded");
  check_lt(result.duration, 10s);
}

TEST("a port that is taken is an error that names it") {
  start();
  const auto second = run({"node", "--listen", addresses[0]});
  check_eq(second.status, 1);
  check_found(second.err, "can't listen on " + addresses[0]);
}

} // SUITE("node")

} // WITH_FIXTURE(node_fixture)
