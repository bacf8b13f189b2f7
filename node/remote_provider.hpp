#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/runtime_context.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/caf/wire_calls.hpp>
#include <magna/node/dialer.hpp>
#include <magna/node/network.hpp>

namespace magna {

/// A provider whose actor lives on another node: keeps the connection to that node, and gives places there.
///
///     generation --lease_request--> remote provider --dial--> node
///         ^------granted_lease (far_lease)---'
///
/// Keys, places and circuits of the provider itself are the other node's; this node's health monitor sees
/// what comes of its own attempts.
class remote_provider_state {
public:
  using handle_type = provider_actor;
  static constexpr const char* name = "magna.remote_provider";

  remote_provider_state(self_pointer<provider_actor> self, runtime_context context, provider_settings config,
                        node_address where, tls_files tls);
  ~remote_provider_state();

  remote_provider_state(const remote_provider_state&) = delete;
  remote_provider_state& operator=(const remote_provider_state&) = delete;

  provider_actor::behavior_type make_behavior();

private:
  struct waiting {
    lease_request what;
    caf::typed_response_promise<granted_lease> promise;
  };
  struct waiting_probe {
    caf::typed_response_promise<probe_report> promise;
    std::uint32_t hops = 0;
  };

  void start_dialing();
  void on_connected(const node_actor& there);
  void on_problem(const std::string& problem);
  /// Whether it is not known yet if the node is there: a connection may come in a moment.
  bool is_undecided() const;
  void serve_waiting();
  std::chrono::milliseconds queue_timeout() const;
  /// A node that hangs must not hold up requests that another provider can take.
  void give_up_waiting();
  caf::result<granted_lease> on_request(const lease_request& what);
  granted_lease grant(const lease_request& what);
  caf::error refusal(const lease_request& what, const std::string& why) const;
  /// What is wrong when the settings of nodes lead in a circle.
  std::string circle() const;
  caf::result<probe_report> on_probe(std::uint32_t hops);
  void start_probe(const waiting_probe& next);

  self_pointer<provider_actor> self_;
  runtime_context context_;
  provider_settings config_;
  node_address where_;
  tls_files tls_;
  std::shared_ptr<provider_meter> meter_;
  dialers dialers_;
  dialer_actor dialer_;
  /// Null while the node is not connected.
  node_actor there_;
  bool dialing_ = false;
  std::string problem_;
  /// Wait for the first connection, or its failure.
  std::vector<waiting> waiting_;
  std::vector<waiting_probe> waiting_probes_;
  /// The requests that hold a lease, by its serial.
  std::unordered_map<std::uint64_t, generation_actor> running_;
  wire_calls calls_;
  caf::disposable timer_;
  /// How long requests wait for a connection that may still come.
  caf::disposable patience_;
};

} // namespace magna
