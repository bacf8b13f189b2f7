#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <magna/node/caf/connection_handles.hpp>

#include "certificates.hpp"
#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

// A process with a sanitizer takes a hundred times the memory: hundreds of them fit no machine.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t crowd = 10;
constexpr std::size_t crowd_with_tls = 10;
#else
constexpr std::size_t crowd = 40;
constexpr std::size_t crowd_with_tls = 200;
#endif

/// Clients in processes of their own, all of which come at once.
struct crowd_fixture : node_fixture {
  void start_node(words flags = {}) {
    simulator::raise_open_file_limit();
    steps("all=ok(text=\"Served.\")");
    start(std::move(flags));
  }

  /// A client that has started, and connects as soon as it is fed its prompt.
  std::unique_ptr<process> client_process() {
    auto how = options(to_flags(tls));
    how.arguments.insert(how.arguments.begin(), {"ask", "--node", addresses.at(0)});
    how.arguments.emplace_back("-");
    how.input = "Hello";
    return std::make_unique<process>(MAGNA_EXECUTABLE, how);
  }

  void check_served(process& who) {
    const auto result = who.wait(30s);
    runnable::current().check_eq(result.err, "");
    runnable::current().check_eq(result.out, "Served.");
    runnable::current().check_eq(result.status, 0);
  }

  void check_crowd(std::size_t count) {
    std::vector<std::unique_ptr<process>> all;
    while (all.size() < count)
      all.push_back(client_process());
    for (const auto& x : all)
      x->feed();
    for (const auto& x : all)
      check_served(*x);
  }
};

} // namespace

SUITE("node.handles") {

TEST("no two connections have the same handle, nor has one a descriptor's") {
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1'000; ++i)
    seen.insert(new_connection_handle().id());
  check_eq(seen.size(), 1'000u);
  check(*seen.begin() > std::numeric_limits<int>::max());
}

} // SUITE("node.handles")

WITH_FIXTURE(crowd_fixture) {

SUITE("node.crowd") {

TEST("clients that come at the same moment all get answers") {
  start_node();
  for (int round = 0; round < 3; ++round)
    check_crowd(crowd);
}

TEST("with TLS they do as well") {
  const certificates pki{directory / "pki"};
  tls = pki.files("client");
  start_node(pki.of("node"));
  check_crowd(crowd_with_tls);
}

TEST("a node that takes four seconds to introduce itself is waited for") {
  start_node();
  nodes[0]->send_signal(SIGSTOP);
  const auto client = client_process();
  client->feed();
  std::this_thread::sleep_for(4200ms);
  nodes[0]->send_signal(SIGCONT);
  check_served(*client);
}

} // SUITE("node.crowd")

} // WITH_FIXTURE(crowd_fixture)
