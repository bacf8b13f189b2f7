#include <magna/node/node_door.hpp>

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/requests/forward.hpp>

namespace magna {

namespace {

/// How long a node waits for an asker that stays though its drain was answered.
constexpr std::chrono::seconds longest_farewell{2};

} // namespace

node_door_state::node_door_state(self_pointer<node_actor> self, node_door_config config)
  : self_(self), config_(std::move(config)) {}

node_actor::behavior_type node_door_state::make_behavior() {
  return forward_service<node_actor::behavior_type>(
    self_, [this] { return config_.service; },
    [](const std::string&) { return caf::make_error(errc::overloaded); },
    [this](const get_node_status&) { return report(); },
    [this](const drain& what) { return start_drain(what); },
    [this](const join& what) -> caf::result<joined> { return self_->mail(what).delegate(config_.peering); },
    [this](const probe_provider& what) -> caf::result<probe_report> {
      if (const auto found = config_.context.table->provider(what.name))
        return self_->mail(probe{what.hops}).delegate(found);
      return caf::make_error(errc::provider_unavailable,
                             "node " + config_.name + " has no provider '" + what.name + "'");
    });
}

caf::result<node_status> node_door_state::report() {
  auto promise = self_->make_response_promise<node_status>();
  node_status result{.name = config_.name,
                     .version = config_.version,
                     .draining = draining_,
                     .running_requests = config_.context.requests->size()};
  const auto add_peers = [this, promise, result](const status_report& report) mutable {
    result.providers = report.providers;
    self_->mail(get_peers{})
      .request(config_.peering, caf::infinite)
      .then(
        [promise, result](const peer_list& list) mutable {
          result.peers = list.peers;
          promise.deliver(std::move(result));
        },
        [promise](const caf::error& reason) mutable { promise.deliver(reason); });
  };
  self_->mail(get_status{})
    .request(config_.service, caf::infinite)
    .then(add_peers, [promise](const caf::error& reason) mutable { promise.deliver(reason); });
  return promise;
}

caf::result<drained> node_door_state::start_drain(const drain& what) {
  draining_ = true;
  auto promise = self_->make_response_promise<drained>();
  const auto asker = caf::actor_cast<requester_actor>(self_->current_sender());
  self_->mail(what)
    .request(config_.context.table->orchestrator(), caf::infinite)
    .then(
      [this, promise, asker](const drained& result) mutable {
        promise.deliver(result);
        end_after_answer(asker);
      },
      [this, promise, asker](const caf::error& reason) mutable {
        promise.deliver(reason);
        end_after_answer(asker);
      });
  return promise;
}

void node_door_state::end_after_answer(const requester_actor& asker) {
  const auto is_here = !asker || asker->node() == self_->node();
  if (is_here) {
    config_.on_drained();
    return;
  }
  // The answer is under way to another process. An asker that ends has it, or needs it no more.
  self_->monitor(asker, [this](const caf::error&) { config_.on_drained(); });
  self_->run_delayed(longest_farewell, [this] { config_.on_drained(); });
}

} // namespace magna
