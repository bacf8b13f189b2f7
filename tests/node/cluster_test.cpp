#include <algorithm>
#include <map>

#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <magna/tests/providers/transport/full_backlog.hpp>

#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

struct cluster_fixture : node_fixture {
  std::string state(const std::string& address, const std::string& provider) {
    const auto found = provider_status(address, provider);
    return found.is_object() ? found.at("state").get<std::string>() : "";
  }
};

} // namespace

WITH_FIXTURE(cluster_fixture) {

SUITE("cluster") {

TEST("requests are spread over the nodes, and answered by all of them") {
  steps("all=ok(tokens=10, token=\"x\", token_delay=50)");
  for (int i = 0; i < 3; ++i)
    start();
  connection();
  require(ask_until_all_serve());
  steps("all=ok(endless=true, token_delay=50)");
  const auto all = ask_many(way, 60);
  require(all->wait_until(has_begun));
  for (const auto& address : addresses)
    check_eq(status(address).at("running_requests").get<int>(), 20);
  for (const auto& x : nodes)
    x->send_signal(SIGKILL);
  check(all->wait_until([](const board::entry& x) { return x.error == errc::node_lost; }));
}

TEST("a cluster is replaced node by node under load, and no request fails") {
  steps("all=ok(tokens=20, token=\"x\", token_delay=20)");
  for (int i = 0; i < 3; ++i)
    start();
  connection();
  require(ask_until_all_serve());
  std::vector<std::shared_ptr<board>> load;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto address = addresses[i];
    load.push_back(ask_many(way, 30));
    require(load.back()->wait_until(has_begun));
    nodes[i]->send_signal(SIGTERM);
    load.push_back(ask_many(way, 30));
    check_eq(nodes[i]->wait().status, 0);
    load.push_back(ask_many(way, 30));
    start({}, address);
    addresses.pop_back();
    nodes[i] = std::move(nodes.back());
    nodes.pop_back();
    require(ask_until_all_serve());
  }
  for (const auto& some : load) {
    require(some->wait_until(has_ended));
    for (const auto& x : some->entries()) {
      check_eq(x.why, "");
      check_eq(x.completions, 1);
      check_eq(x.text, std::string(20, 'x'));
    }
  }
}

TEST("one of three nodes is killed under 200 streams: each has one end, the others see nothing") {
  steps("all=ok(tokens=60, token=\"x\", token_delay=30)");
  for (int i = 0; i < 3; ++i)
    start();
  connection();
  require(ask_until_all_serve());
  // Half of the streams have begun when the node dies, half have not.
  steps("all=ok(tokens=200, token=\"x\", token_delay=30)");
  const auto begun = ask_many(way, 100);
  require(begun->wait_until(has_begun));
  steps("all=ok(tokens=20, token=\"x\", token_delay=30, first_token_delay=4s)");
  const auto before = sim.requests().size();
  const auto fresh = ask_many(way, 100);
  // They are at their nodes: the simulator has got all of them.
  require(comes_true([&] { return sim.requests().size() >= before + 100; }));
  nodes[0]->send_signal(SIGKILL);
  require(begun->wait_until(has_ended));
  require(fresh->wait_until(has_ended));
  int lost = 0;
  for (const auto& x : begun->entries()) {
    check_eq(x.completions + x.failures, 1);
    if (x.failures == 0) {
      check_eq(x.text, std::string(200, 'x'));
      continue;
    }
    ++lost;
    check(x.error == errc::node_lost);
    check(!x.text.empty());
  }
  // A third of them were there.
  check_ge(lost, 20);
  check_le(lost, 45);
  for (const auto& x : fresh->entries()) {
    check_eq(x.completions, 1);
    check_eq(x.text, std::string(20, 'x'));
  }
  steps("all=ok");
  // Afterwards two nodes serve, and three when it is back.
  const auto by_two = ask_many(way, 10);
  check(by_two->wait_until([](const board::entry& x) { return x.completions == 1; }));
  const auto place = addresses[0];
  start({}, place);
  check(comes_true([&] {
    ask_many(way, 3)->wait_until(has_ended);
    return provider_status(place, "gemini").at("successes").get<int>() > 0;
  }));
}

TEST("a node that drains hands its new requests to the others") {
  start();
  start();
  steps("all=ok(tokens=40, token=\"x\", token_delay=25)");
  connection();
  const auto running = ask_many(way, 20);
  require(running->wait_until(has_begun));
  process drain{MAGNA_EXECUTABLE, options({"drain", "--node", addresses[0]})};
  const auto during = ask_many(way, 20);
  require(during->wait_until(has_ended));
  require(running->wait_until(has_ended));
  for (const auto& all : {running, during})
    for (const auto& x : all->entries())
      check_eq(x.completions, 1);
  check_eq(drain.wait().status, 0);
  check_eq(nodes[0]->wait().status, 0);
}

TEST("a provider that one node finds dead is skipped by the others without an attempt of their own") {
  environment["LLM_MAX_RETRIES"] = "1";
  steps("gemini=server_error; openai=ok");
  write("magna.toml", "failure_threshold = 1\n");
  const auto first = start({"--name", "one"});
  const auto second = start({"--name", "two", "--peer", first});
  require(comes_true([&] { return status(second).at("peers").at(0).at("connected").get<bool>(); }));
  check_eq(ask({"--node", first}).status, 0);
  check_eq(state(first, "gemini"), "UNAVAILABLE");
  check(comes_true([&] { return state(second, "gemini") == "UNAVAILABLE"; }, 3s));
  const auto before = generations();
  check_eq(ask({"--node", second}).status, 0);
  const auto after = generations();
  check_eq(std::ranges::count(after, "gemini"), std::ranges::count(before, "gemini"));
}

TEST("a node that comes later learns what the others know, and a recovery is told as well") {
  environment["LLM_MAX_RETRIES"] = "1";
  write("magna.toml", "failure_threshold = 1\ncooldown_seconds = 1\n");
  steps("gemini=server_error,ok; gemini(on=probe)=server_error,ok; openai=ok");
  const auto first = start({"--name", "one"});
  check_eq(ask({"--node", first}).status, 0);
  const auto second = start({"--name", "two", "--peer", first});
  check(comes_true(
    [&] { return state(second, "gemini") == "UNAVAILABLE" || state(second, "gemini") == "DEGRADED"; }));
  // The second node's own probe may fail once more in between: the success after that is the latest word.
  check(comes_true([&] {
    ask({"--node", first, "--provider", "gemini"});
    return state(first, "gemini") == "HEALTHY" && state(second, "gemini") == "HEALTHY";
  }));
}

TEST("a host that swallows packets delays no request that another node can answer") {
  const full_backlog hole;
  start();
  environment = {};
  const auto result = ask({"--node", hole.authority() + "," + addresses[0]});
  check_eq(result.status, 0);
  check_lt(result.duration, 3s);
}

TEST("nodes that accept and say nothing, or swallow packets, are one clear failure in bounded time") {
  const full_backlog hole;
  const raw_server silent;
  environment = {};
  for (const auto& where : {hole.authority(), silent.authority()}) {
    const auto result = ask({"--json", "--node", where});
    check_eq(result.status, 1);
    const auto end = last_line(result);
    check_eq(end.at("error"), "node_lost");
    check_found(end.at("message").get<std::string>(), where);
    check_lt(result.duration, 20s);
  }
}

TEST("a node that hangs is lost within three seconds") {
  steps("gemini=ok(endless=true, token_delay=5)");
  start();
  environment = {};
  process client{MAGNA_EXECUTABLE, options({"ask", "--json", "--node", addresses[0], "Hello"})};
  require(client.wait_for_output("chunk"));
  const auto begin = std::chrono::steady_clock::now();
  nodes[0]->send_signal(SIGSTOP);
  const auto result = client.wait();
  const auto taken = std::chrono::steady_clock::now() - begin;
  check_eq(last_line(result).at("error"), "node_lost");
  // Three seconds are promised; machines that run tests are slow.
  check_lt(taken, 6s);
  nodes[0]->send_signal(SIGKILL);
}

TEST("who waits for a collected answer of a node and dies cancels it there") {
  steps("gemini=stall");
  start();
  connection();
  {
    caf::scoped_actor dying{client()};
    request what;
    what.messages.push_back({role::user, "Hello"});
    auto error = caf::error{};
    blocking_request(dying, way, caf::timespan{1s}, what)
      .receive([](const completion&) {}, [&error](const caf::error& reason) { error = reason; });
    check(error == caf::sec::request_timeout);
  }
  const auto entry = sim.wait_for_end(0, 10s);
  require(entry.has_value());
  check(entry->end == simulator::ending::client_closed);
}

TEST("two nodes of one name are told apart: neither learns from the other, and both say why") {
  const auto first = start({"--name", "same"});
  const auto second = start({"--name", "same", "--peer", first});
  check(comes_true([&] {
    const auto peer = status(second).at("peers").at(0);
    return !peer.at("connected").get<bool>()
           && peer.at("problem").get<std::string>().find("--name") != std::string::npos;
  }));
}

TEST("a provider that lives on another node answers, streams, and is cancelled there") {
  steps("ollama=ok(text=\"From the machine with the GPU.\"),ok(endless=true, token_delay=5)");
  const auto gpu = start({"--name", "gpu"});
  environment = {};
  write("magna.toml", "[[provider]]\nname = \"ollama\"\nnode = \"" + gpu + "\"\nmodel = \"far-away\"\n");
  environment["ENABLE_LOCAL_MODELS"] = "true";
  const auto result = ask({});
  check_eq(result.out, "From the machine with the GPU.");
  check_eq(result.status, 0);
  process client{MAGNA_EXECUTABLE, options({"ask", "Hello"})};
  require(client.wait_for_output(" "));
  client.send_signal(SIGINT);
  check_eq(client.wait().status, 130);
  const auto entry = sim.wait_for_end(1, 10s);
  require(entry.has_value());
  check(entry->end == simulator::ending::client_closed);
}

TEST("a provider of another node is asked for that node's own model, unless the table names one") {
  steps("ollama=ok");
  environment["OLLAMA_MODEL"] = "of-the-gpu-node";
  const auto gpu = start({"--name", "gpu"});
  environment = {{"ENABLE_LOCAL_MODELS", "true"}};
  for (const auto& [line, model] : {std::pair{"", "of-the-gpu-node"}, {"model = \"mine\"\n", "mine"}}) {
    write("magna.toml", "[[provider]]\nname = \"ollama\"\nnode = \"" + gpu + "\"\n" + line);
    const auto end = last_line(ask({"--json", "--provider", "ollama"}));
    check_eq(end.at("model").get<std::string>(), model);
    check_eq(end.at("attempts").at(0).at("model").get<std::string>(), model);
  }
}

TEST(
  "a provider of another node that hangs holds a request up as long as a place that is not free, no longer") {
  steps("gemini=ok(text=\"Served.\")");
  const auto gpu = start({"--name", "gpu"});
  nodes[0]->send_signal(SIGSTOP);
  write("magna.toml", "chain = [\"ollama\", \"gemini\"]\nqueue_timeout_seconds = 1\n[[provider]]\nname = "
                      "\"ollama\"\nnode = \""
                        + gpu + "\"\n");
  environment["ENABLE_LOCAL_MODELS"] = "true";
  const auto result = ask({"--json"});
  nodes[0]->send_signal(SIGKILL);
  const auto first = last_line(result).at("attempts").at(0);
  check_eq(result.status, 0);
  check_found(first.at("message").get<std::string>(), "given no connection within 1 s");
  check_lt(result.duration, 6s);
}

TEST("nodes that name each other for a provider say so, whether they are asked or probed, and go on") {
  steps("gemini=ok(text=\"Served.\")");
  const auto table = [](const std::string& node) {
    return "chain = [\"round\", \"gemini\"]\n[[provider]]\nname = \"round\"\nnode = \"" + node
           + "\"\nmodel = \"m\"\n";
  };
  write("first.toml", table("127.0.0.1:1"));
  const auto first = start({"--name", "first", "--config", "first.toml"});
  write("second.toml", table(first));
  const auto second = start({"--name", "second", "--config", "second.toml"});
  write("first.toml", table(second));
  nodes[0]->send_signal(SIGHUP);
  environment = {};
  // The first answers may be of nodes that have not found each other yet. Nodes that dial each other at the same
  // moment can lose each other once more.
  require(comes_true([&] {
    const auto result = ask({"--node", first, "--json"});
    check_eq(result.status, 0);
    return last_line(result).dump().find("in a circle") != std::string::npos;
  }));
  caf::scoped_actor self{client()};
  std::string problem;
  check(comes_true([&] {
    blocking_request(self, service(), 10s, check_health{})
      .receive(
        [&problem](const health_report& report) {
          for (const auto& x : report.providers)
            if (x.provider == "round")
              problem = x.message;
        },
        [](const caf::error& reason) { runnable::current().fail("{}", to_string(reason)); });
    return problem.find("in a circle") != std::string::npos;
  }));
}

TEST("a probe of a provider whose node is lost meanwhile has an end that says so") {
  steps("ollama=ok; ollama(on=probe)=stall");
  const auto gpu = start({"--name", "gpu"});
  environment = {{"ENABLE_LOCAL_MODELS", "true"}};
  write("magna.toml", "[[provider]]\nname = \"ollama\"\nnode = \"" + gpu + "\"\n");
  process health{MAGNA_EXECUTABLE, options({"health", "--json", "--provider", "ollama"})};
  require(comes_true([&] { return !sim.requests().empty(); }));
  nodes[0]->send_signal(SIGKILL);
  const auto result = health.wait();
  check_eq(result.status, 1);
  check_found(last_line(result).at("message").get<std::string>(), "node 127.0.0.1:.* is lost");
  check_lt(result.duration, 6s);
}

TEST("a question that comes before the first connection waits for it") {
  start({"--name", "early"});
  connection();
  caf::scoped_actor self{client()};
  std::size_t providers = 0;
  blocking_request(self, way, caf::infinite, get_status{})
    .receive([&providers](const status_report& found) { providers = found.providers.size(); },
             [](const caf::error& reason) { runnable::current().fail("{}", to_string(reason)); });
  check_gt(providers, 0u);
}

TEST("a question to a node that hangs has an end as soon as the node counts as lost") {
  start();
  connection();
  require(ask_until_all_serve());
  nodes[0]->send_signal(SIGSTOP);
  caf::scoped_actor self{client()};
  const auto begin = std::chrono::steady_clock::now();
  int failures = 0;
  blocking_request(self, way, caf::infinite, get_status{})
    .receive([](const status_report&) {}, [&failures](const caf::error&) { ++failures; });
  check_eq(failures, 1);
  check_lt(std::chrono::steady_clock::now() - begin, 6s);
  nodes[0]->send_signal(SIGKILL);
}

TEST("when the node of a provider is lost the next provider is asked, or the stream fails once") {
  steps("ollama=stall,ok(endless=true, token_delay=5); openai=ok(text=\"near\")");
  const auto gpu = start({"--name", "gpu"});
  write("magna.toml",
        "chain = [\"ollama\", \"openai\"]\n[[provider]]\nname = \"ollama\"\nnode = \"" + gpu + "\"\n");
  process before{MAGNA_EXECUTABLE, options({"ask", "--json", "Hello"})};
  require(comes_true([&] { return sim.requests().size() == 1; }));
  process during{MAGNA_EXECUTABLE, options({"ask", "--json", "Hello"})};
  require(during.wait_for_output("chunk"));
  nodes[0]->send_signal(SIGKILL);
  const auto moved = before.wait();
  check_eq(moved.status, 0);
  check_eq(trail(last_line(moved)), words{"ollama:provider_unavailable", "openai:ok"});
  const auto broken = during.wait();
  check_eq(broken.status, 1);
  const auto end = last_line(broken);
  check_eq(end.at("error"), "provider_unavailable");
  check_gt(end.at("delivered_chars").get<int>(), 0);
  const auto after = ask({"--json"});
  check_eq(after.status, 0);
  check_eq(last_line(after).at("provider"), "openai");
}

} // SUITE("cluster")

} // WITH_FIXTURE(cluster_fixture)
