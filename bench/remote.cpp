// The runtime in one process, and the actor that asks it in another: what both take together, against one
// process that has both.

#include <magna/bench/benches.hpp>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <magna/actors/log.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/bench/metrics.hpp>
#include <magna/bench/node_process.hpp>
#include <magna/bench/subjects.hpp>
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
  // Until it is killed.
  for (;;)
    pause();
}

node_process::node_process(const load& what) : process_({"--node", nlohmann::json(what).dump()}) {
  address_ = process_.read_line();
  if (address_.empty())
    throw std::runtime_error{"the node does not start"};
}

std::vector<row> bench_remote(runner& on) {
  std::vector<comparison> all;
  std::vector<std::unique_ptr<node_process>> nodes;
  const auto add = [&](std::string name, const load& what, std::vector<metric> metrics) {
    nodes.push_back(std::make_unique<node_process>(what));
    auto remote = with_subject(what, "remote");
    remote.node = nodes.back()->address();
    remote.node_process = nodes.back()->pid();
    all.push_back({std::move(name), {what}, {{"through a node", std::move(remote), std::move(metrics)}}});
  };
  const std::vector<metric> plain{throughput(), latency_p50(), latency_p99(), cpu_per_request()};
  add("1 at a time", closed_loop(on.url(), false, 1, on.scaled(4'000)), plain);
  const auto many = closed_loop(on.url(), false, 64, on.scaled(20'000, 64));
  add("64 at a time", many, {throughput(), latency_p50(), latency_p99(), cpu_per_request(at_most(1.5))});
  add("64 at a time, all cores", on_all_cores(many), plain);
  add("64 streams of 100 chunks at a time", closed_loop(on.url(), true, 64, on.scaled(5'000, 64)),
      {chunk_rate(), ttft_p50(), latency_p50(), cpu_per_chunk()});
  add("300 streams, a token every 20 ms", endless(on.url(), 300, 20'000, on.scaled_seconds(3)),
      {chunk_rate(), cpu_per_chunk(at_most(1.25)), delay_p50(), delay_p99()});
  return run_rounds(on, "remote", all);
}

} // namespace magna::bench
