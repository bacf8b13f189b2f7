// The runtime in one process, who asks it in another.

#include <magna/bench/subjects.hpp>

#include <cstdio>
#include <stdexcept>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <magna/actors/log.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/bench/node_process.hpp>
#include <magna/messages/node_address.hpp>
#include <magna/node/connection.hpp>
#include <magna/node/network.hpp>
#include <magna/node/node_door.hpp>
#include <magna/node/peering.hpp>

namespace magna::bench {

figures run_remote(const load& what) {
  caf::actor_system_config config;
  configure(config);
  enable_network(config, {});
  caf::actor_system system{config};
  const auto where = parse_node_address(what.node);
  if (!where)
    throw std::runtime_error{"no node: " + what.node};
  const auto way = spawn_state<connection_state>(system, connection_config{.nodes = {*where}});
  const auto result = drive(system, what, way);
  caf::anon_send_exit(way, caf::exit_reason::user_shutdown);
  return result;
}

void run_node(const load& what) {
  caf::actor_system_config config;
  configure(config);
  enable_network(config, {});
  logger()->set_level(spdlog::level::err);
  caf::actor_system system{config};
  runtime llm{system, settings_for(what)};
  const auto peering = spawn_state<peering_state>(
    system, peering_config{.name = "bench", .peers = {}, .tls = {}, .table = llm.context().table});
  const auto door = spawn_state<node_door_state>(system, node_door_config{.name = "bench",
                                                                          .version = {},
                                                                          .context = llm.context(),
                                                                          .service = llm.service(),
                                                                          .peering = peering,
                                                                          .on_drained = [] {}});
  const auto port = listen(system, door, {"127.0.0.1", 0}, {});
  if (!port)
    throw std::runtime_error{"the node can't listen: " + to_string(port.error())};
  std::printf("127.0.0.1:%u\n", static_cast<unsigned>(*port));
  std::fflush(stdout);
  // Until whoever asked for it ends it.
  for (;;)
    pause();
}

node_process::node_process(const load& what) : process_({"--node", nlohmann::json(what).dump()}) {
  address_ = process_.read_line();
  if (address_.empty())
    throw std::runtime_error{"the node does not start"};
}

} // namespace magna::bench
