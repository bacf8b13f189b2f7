#include <cstdio>
#include <optional>

#include "certificates.hpp"
#include "comes_true.hpp"
#include "lab.hpp"
#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

/// Two hosts, each with a node and with providers of its own; the second node has the first one as a peer.
struct partition_fixture : e2e {
  using clock = std::chrono::steady_clock;

  struct host {
    std::unique_ptr<process> simulator;
    std::unique_ptr<process> node;
  };

  /// Whether there can be hosts; else the test has nothing to try.
  bool set_up(const words& steps_of_hosts) {
    if (!lab::is_possible()) {
      std::fputs("skipped: hosts of one's own need root and ip (package iproute2)\n", stderr);
      return false;
    }
    net.emplace(steps_of_hosts.size());
    pki.emplace(directory / "pki");
    environment["GEMINI_BASE_URL"] = "http://127.0.0.1:9090";
    environment["OPENAI_BASE_URL"] = "http://127.0.0.1:9090/v1";
    environment["LLM_MAX_RETRIES"] = "1";
    environment.erase("ENABLE_LOCAL_MODELS");
    write("magna.toml", "failure_threshold = 1\n");
    for (std::size_t i = 0; i < steps_of_hosts.size(); ++i) {
      auto& x = hosts.emplace_back();
      x.simulator = start_on(i, {"simulate", "--port", "9090", "--steps", steps_of_hosts[i]});
      words arguments{"node", "--listen", node_of(i), "--name", "node-" + std::to_string(i)};
      if (i > 0)
        arguments.insert(arguments.end(), {"--peer", node_of(0)});
      x.node = start_on(i, with_tls(std::move(arguments)));
      runnable::current().require(x.simulator->wait_for_output("\n"));
      runnable::current().require(x.node->wait_for_output("\n"));
    }
    return true;
  }

  [[nodiscard]] std::string node_of(std::size_t i) const { return net->address(i) + ":7070"; }

  [[nodiscard]] words with_tls(words arguments) const {
    for (const auto& x : pki->of("node"))
      arguments.push_back(x);
    return arguments;
  }

  [[nodiscard]] std::unique_ptr<process> start_on(std::size_t i, const words& arguments) const {
    auto command = net->on(i);
    const auto program = command.front();
    command.erase(command.begin());
    command.emplace_back(MAGNA_EXECUTABLE);
    command.insert(command.end(), arguments.begin(), arguments.end());
    return std::make_unique<process>(program, options(command));
  }

  [[nodiscard]] outcome run_on(std::size_t i, words arguments) const {
    return start_on(i, with_tls(std::move(arguments)))->wait();
  }

  /// Asks a host's node from that host; returns the last line.
  [[nodiscard]] json ask_on(std::size_t i) const {
    return last_line(run_on(i, {"ask", "--json", "--node", node_of(i), "Hello"}));
  }

  [[nodiscard]] json status_on(std::size_t i) const {
    return last_line(run_on(i, {"status", "--json", "--node", node_of(i)}));
  }

  [[nodiscard]] std::string state_on(std::size_t i, const std::string& provider) const {
    const auto all = status_on(i);
    for (const auto& x : all.at("providers"))
      if (x.at("name") == provider)
        return x.at("state").get<std::string>();
    return "";
  }

  [[nodiscard]] bool peer_is_connected() const {
    return status_on(1).at("peers").at(0).at("connected").get<bool>();
  }

  std::optional<lab> net;
  std::optional<certificates> pki;
  std::vector<host> hosts;
};

} // namespace

WITH_FIXTURE(partition_fixture) {

SUITE("partition") {

TEST("while the cable is cut both sides serve; once it is mended their health agrees again") {
  if (!set_up({"gemini=server_error; openai=ok", "gemini=ok; openai=ok"}))
    return;
  require(comes_true([&] { return peer_is_connected(); }));
  net->cut();
  // The first side finds gemini down. The other one does not hear of it.
  check_eq(ask_on(0).at("provider"), "openai");
  check_eq(state_on(0, "gemini"), "UNAVAILABLE");
  require(comes_true([&] { return !peer_is_connected(); }));
  for (int i = 0; i < 5; ++i) {
    check_eq(ask_on(0).at("provider"), "openai");
    check_eq(ask_on(1).at("provider"), "gemini");
  }
  check_eq(state_on(0, "gemini"), "UNAVAILABLE");
  check_eq(state_on(1, "gemini"), "HEALTHY");
  net->heal();
  const auto begin = clock::now();
  // The other side has seen it later, and well.
  check(comes_true([&] { return state_on(0, "gemini") == "HEALTHY"; }));
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
  std::fprintf(stderr, "health agreed %lld ms after the cable was mended\n",
               static_cast<long long>(taken.count()));
  // Two seconds are promised; machines that run tests are slow.
  check_lt(taken, 6s);
  check_eq(state_on(1, "gemini"), "HEALTHY");
  check(comes_true([&] { return peer_is_connected(); }));
}

TEST("a stream whose cable is cut is one failure of the client's, and the node lets go of it") {
  if (!set_up({"gemini=ok(endless=true, token_delay=20)", "gemini=ok"}))
    return;
  const auto client = start_on(1, with_tls({"ask", "--json", "--node", node_of(0), "Hello"}));
  require(client->wait_for_output("chunk"));
  check_eq(status_on(0).at("running_requests").get<int>(), 1);
  net->cut();
  const auto begin = clock::now();
  const auto result = client->wait();
  check_lt(clock::now() - begin, 6s);
  check_eq(result.status, 1);
  const auto all = lines(result);
  check_eq(all.front().at("type"), "accepted");
  check_eq(all.at(1).at("type"), "started");
  for (std::size_t i = 2; i + 1 < all.size(); ++i)
    check_eq(all[i].at("type"), "chunk");
  check_eq(last_line(result).at("error"), "node_lost");
  check_gt(last_line(result).at("delivered_chars").get<int>(), 0);
  check(comes_true([&] { return status_on(0).at("running_requests").get<int>() == 0; }));
}

} // SUITE("partition")

} // WITH_FIXTURE(partition_fixture)
