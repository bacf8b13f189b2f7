#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/messages/types.hpp>
#include <magna/node/network.hpp>
#include <magna/tests/e2e/fixture.hpp>

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

/// What many requesters got; written by actors, waited for by the test.
class board {
public:
  struct entry {
    std::string text;
    int completions = 0;
    int failures = 0;
    errc error{};
  };

  explicit board(std::size_t size) : entries_(size) {}

  template <class F>
  void change(std::size_t at, F f) {
    {
      const std::lock_guard guard{mutex_};
      f(entries_[at]);
    }
    changed_.notify_all();
  }

  template <class F>
  bool wait_until(F all, std::chrono::seconds patience = 60s) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, patience, [&] { return std::ranges::all_of(entries_, all); });
  }

  std::vector<entry> entries() {
    const std::lock_guard guard{mutex_};
    return entries_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<entry> entries_;
};

class asking_state {
public:
  using handle_type = requester_actor;
  static constexpr const char* name = "test.asking";

  asking_state(self_pointer<requester_actor> self, service_actor service, std::shared_ptr<board> results,
               std::size_t at)
    : self_(self), service_(std::move(service)), results_(std::move(results)), at_(at) {}

  requester_actor::behavior_type make_behavior() {
    request what;
    what.messages.push_back({role::user, "Hello"});
    // The end of a lost node is the requester's own to notice.
    self_->monitor(service_, [this](const caf::error&) {
      results_->change(at_, [](board::entry& x) {
        ++x.failures;
        x.error = errc::node_lost;
      });
      self_->quit();
    });
    self_->mail(what, requester_actor{self_})
      .request(service_, caf::infinite)
      .then([](const accepted&) {},
            [this](const caf::error& reason) {
              results_->change(at_, [&reason](board::entry& x) {
                ++x.failures;
                x.error = reason == errc::overloaded ? errc::overloaded : errc::provider_error;
              });
              self_->quit();
            });
    return {
      [this](const chunk& what_came) {
        results_->change(at_, [&](board::entry& x) { x.text += what_came.text; });
      },
      [this](const completion&) {
        results_->change(at_, [](board::entry& x) { ++x.completions; });
        self_->quit();
      },
      [this](const failure& what_went) {
        results_->change(at_, [&](board::entry& x) {
          ++x.failures;
          x.error = what_went.error;
        });
        self_->quit();
      },
    };
  }

private:
  self_pointer<requester_actor> self_;
  service_actor service_;
  std::shared_ptr<board> results_;
  std::size_t at_;
};

/// A node in a process of its own, and this process as its client.
struct node_fixture : e2e {
  node_fixture() { enable_network(config, {}); }

  /// Starts the node and reads where it listens.
  void start(words more = {}) {
    more.insert(more.begin(), {"node", "--listen", "127.0.0.1:0"});
    node = std::make_unique<process>(MAGNA_EXECUTABLE, options(std::move(more)));
    runnable::current().require(node->wait_for_output("\n"));
    const auto& line = node->output();
    const auto begin = line.find("127.0.0.1:");
    address = line.substr(begin, line.find_first_of(", \n", begin) - begin);
  }

  service_actor service() {
    if (!system)
      system = std::make_unique<caf::actor_system>(config);
    auto found = connect(*system, *parse_node_address(address), {});
    if (!found)
      runnable::current().fail("{}", to_string(found.error()));
    return *found;
  }

  std::shared_ptr<board> ask_many(const service_actor& whom, std::size_t count) {
    auto results = std::make_shared<board>(count);
    for (std::size_t i = 0; i < count; ++i)
      spawn_state<asking_state>(*system, whom, results, i);
    return results;
  }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<process> node;
  std::string address;
};

bool has_ended(const board::entry& x) {
  return x.completions + x.failures > 0;
}

bool has_begun(const board::entry& x) {
  return !x.text.empty();
}

} // namespace

WITH_FIXTURE(node_fixture) {

SUITE("node") {

TEST("a node answers a client that has no providers of its own") {
  steps("gemini=ok(text=\"From afar.\")");
  start();
  environment = {};
  const auto result = ask({"--node", address});
  check_eq(result.out, "From afar.");
  check_eq(result.status, 0);
}

TEST("flags of the client go with the request; the rest is the node's") {
  environment["LLM_TOP_P"] = "0.25";
  start();
  environment = {};
  const auto result =
    ask({"--node", address, "--provider", "openai", "--model", "special", "--temperature", "0.5"});
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
  node->send_signal(SIGTERM);
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
    check_eq(x.completions, 1);
    check_eq(x.failures, 0);
    check_eq(x.text, std::string(40, 'x'));
  }
  check_eq(node->wait().status, 0);
}

TEST("a second signal ends the node at once") {
  steps("all=ok(endless=true, token_delay=20)");
  start();
  const auto running = ask_many(service(), 5);
  require(running->wait_until(has_begun));
  node->send_signal(SIGTERM);
  require(node->wait_for_error("draining"));
  node->send_signal(SIGTERM);
  const auto result = node->wait();
  check_eq(result.status, 130);
  check(running->wait_until([](const board::entry& x) { return x.error == errc::node_lost; }));
}

TEST("running requests are cancelled at the drain deadline, and each hears of it") {
  steps("all=ok(endless=true, token_delay=20)");
  write("magna.toml", "drain_deadline_seconds = 0.3\n");
  start();
  const auto running = ask_many(service(), 5);
  require(running->wait_until(has_begun));
  node->send_signal(SIGTERM);
  check(running->wait_until(has_ended));
  for (const auto& x : running->entries()) {
    check_eq(x.failures, 1);
    check(x.error == errc::cancelled);
  }
  check_eq(node->wait().status, 0);
}

TEST("SIGHUP swaps the configuration under running requests, and none fails") {
  steps("all=ok(tokens=40, token=\"x\", token_delay=25)");
  write("magna.toml", "chain = [\"gemini\"]\n");
  start();
  const auto whom = service();
  const auto running = ask_many(whom, 50);
  require(running->wait_until(has_begun));
  write("magna.toml", "chain = [\"openai\"]\n");
  node->send_signal(SIGHUP);
  // The first request that openai gets was taken by the new configuration.
  for (int i = 0; i < 100; ++i) {
    const auto next = ask_many(whom, 1);
    require(next->wait_until(has_begun));
    if (generations().back() == "openai")
      break;
  }
  check_eq(generations().back(), "openai");
  check(running->wait_until(has_ended));
  for (const auto& x : running->entries()) {
    check_eq(x.completions, 1);
    check_eq(x.text, std::string(40, 'x'));
  }
}

TEST("a configuration that is broken at SIGHUP is reported, and the old one stays") {
  write("magna.toml", "max_retries = 2\n");
  start();
  write("magna.toml", "max_retries = 2000\n");
  node->send_signal(SIGHUP);
  environment = {};
  check_eq(ask({"--node", address}).status, 0);
  node->send_signal(SIGTERM);
  const auto result = node->wait();
  check_eq(result.status, 0);
  check_found(result.err, "not reloaded: .*max_retries");
}

TEST("a cancelled stream of a client closes the node's connection to the provider") {
  steps("gemini=ok(endless=true, token_delay=5)");
  start();
  environment = {};
  process client{MAGNA_EXECUTABLE, options({"ask", "--node", address, "Hello"})};
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
    process client{MAGNA_EXECUTABLE, options({"ask", "--node", address, "Hello"})};
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
  process client{MAGNA_EXECUTABLE, options({"ask", "--json", "--node", address, "Hello"})};
  require(client.wait_for_output("chunk"));
  node->send_signal(SIGKILL);
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
  check_found(nowhere.err, "no connection to node 127.0.0.1:1");
}

TEST("a port that is taken is an error that names it") {
  start();
  const auto second = run({"node", "--listen", address});
  check_eq(second.status, 1);
  check_found(second.err, "can't listen on " + address);
}

} // SUITE("node")

} // WITH_FIXTURE(node_fixture)
