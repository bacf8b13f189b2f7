#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// An attempt that runs on another node, as this node sees it.
using remote_attempt_actor = attempt_actor::extend<caf::result<void>(delta), caf::result<void>(attempt_end)>;

struct remote_attempt_config {
  try_request task;
  std::uint64_t serial = 0;
  /// As it is called on both nodes.
  std::string provider;
  std::string model;
  /// The provider's actor on the other node, and that node's address.
  provider_actor there;
  std::string node;
  health_monitor_actor health_monitor;
  provider_actor owner;
};

/// Stands for the generation at the other node, and for the attempt there at the generation; tells this
/// node's health monitor how it went.
class remote_attempt_state {
public:
  using handle_type = remote_attempt_actor;
  static constexpr const char* name = "magna.remote_attempt";

  remote_attempt_state(self_pointer<remote_attempt_actor> self, remote_attempt_config config);

  remote_attempt_actor::behavior_type make_behavior();

private:
  void finish(attempt_end end, std::optional<errc> verdict);

  self_pointer<remote_attempt_actor> self_;
  /// Keeps the actor alive until it is done: only a node far away may know it.
  remote_attempt_actor itself_;
  remote_attempt_config config_;
  const steady_time started_;
  /// Null until the other node has answered.
  attempt_actor attempt_;
  std::uint64_t pending_grant_ = 0;
  std::optional<caf::timespan> ttft_;
  bool over_ = false;
};

} // namespace magna
