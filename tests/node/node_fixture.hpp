#pragma once

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <magna/node/connection.hpp>
#include <magna/node/network.hpp>
#include <magna/tests/e2e/fixture.hpp>

#include "board.hpp"
#include "comes_true.hpp"
#include "tls_flags.hpp"

namespace magna::test {

/// Nodes in processes of their own, and this process as their client.
struct node_fixture : e2e {
  ~node_fixture() {
    if (way)
      caf::anon_send_exit(way, caf::exit_reason::user_shutdown);
  }

  /// Starts a node and returns where it listens.
  std::string start(words more = {}, const std::string& listen = "127.0.0.1:0") {
    more.insert(more.begin(), {"node", "--listen", listen});
    nodes.push_back(std::make_unique<process>(MAGNA_EXECUTABLE, options(std::move(more))));
    auto& started = *nodes.back();
    if (!started.wait_for_output("\n"))
      runnable::current().fail("the node did not start: {}", started.wait().err);
    const auto& line = started.output();
    const auto begin = line.find("127.0.0.1:");
    addresses.push_back(line.substr(begin, line.find_first_of(", \n", begin) - begin));
    return addresses.back();
  }

  caf::actor_system& client() {
    if (!system) {
      enable_network(config, tls);
      system = std::make_unique<caf::actor_system>(config);
    }
    return *system;
  }

  /// The first node itself.
  service_actor service() {
    auto found = connect(client(), *parse_node_address(addresses.at(0)));
    if (!found)
      runnable::current().fail("{}", to_string(found.error()));
    return service_actor{*found};
  }

  /// The way to all nodes.
  service_actor connection() {
    connection_config how{.nodes = {}, .tls = tls};
    for (const auto& address : addresses)
      how.nodes.push_back(*parse_node_address(address));
    way = spawn_state<connection_state>(client(), how);
    return way;
  }

  std::shared_ptr<board> ask_many(const service_actor& whom, std::size_t count) {
    auto results = std::make_shared<board>(count);
    for (std::size_t i = 0; i < count; ++i)
      spawn_state<asking_state>(*system, whom, to_say("Hello"), results, i);
    return results;
  }

  /// Asks through the connection until every node has answered: then all are connected.
  bool ask_until_all_serve() {
    return comes_true([this] {
      ask_many(way, 2 * addresses.size())->wait_until(has_ended);
      return std::ranges::all_of(addresses, [this](const auto& address) {
        return provider_status(address, "gemini").at("successes").template get<int>() > 0;
      });
    });
  }

  /// What a node says of itself.
  json status(const std::string& address) {
    auto arguments = to_flags(tls);
    arguments.insert(arguments.begin(), {"status", "--json", "--node", address});
    return last_line(run(arguments));
  }

  json provider_status(const std::string& address, const std::string& provider) {
    const auto all = status(address);
    for (const auto& x : all.at("providers"))
      if (x.at("name") == provider)
        return x;
    return {};
  }

  /// What this process shows nodes.
  tls_files tls;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  service_actor way;
  std::vector<std::unique_ptr<process>> nodes;
  std::vector<std::string> addresses;
};

} // namespace magna::test
