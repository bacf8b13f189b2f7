#include <magna/node/remote_provider.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/providers/provider.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/wire_screen.hpp>
#include <magna/node/far_lease.hpp>
#include <magna/node/out_of_step.hpp>
#include <magna/text/duration.hpp>

namespace magna {

namespace {

/// How long after a failure or a loss the node is dialled again, about.
constexpr std::chrono::milliseconds redial{500};

/// Nodes that may stand one behind the other. Settings that lead in a circle would pass a request on until its
/// deadline.
constexpr std::uint32_t most_hops = 4;

} // namespace

provider_spawner make_provider_spawner(tls_files tls) {
  return [tls = std::move(tls)](caf::actor_system& sys, const runtime_context& context,
                                const provider_settings& config) -> provider_actor {
    const auto where = parse_node_address(config.node);
    if (!where)
      return spawn_provider(sys, context, config);
    return spawn_state<remote_provider_state>(sys, context, config, *where, tls);
  };
}

remote_provider_state::remote_provider_state(self_pointer<provider_actor> self, runtime_context context,
                                             provider_settings config, node_address where, tls_files tls)
  : self_(self),
    context_(std::move(context)),
    config_(std::move(config)),
    where_(std::move(where)),
    tls_(std::move(tls)),
    meter_(context_.table->meter(config_.name)) {}

remote_provider_state::~remote_provider_state() {
  timer_.dispose();
  patience_.dispose();
  for (const auto& [serial, holder] : running_)
    anon_mail(provider_stopping{.serial = serial, .message = "the provider's actor ended"}).send(holder);
}

provider_actor::behavior_type remote_provider_state::make_behavior() {
  dialer_ = dialers_.start(self_->home_system(), where_, tls_);
  start_dialing();
  return {
    [this](const lease_request& what) { return on_request(what); },
    [this](const withdraw_request& what) {
      std::erase_if(waiting_, [&what](const waiting& x) {
        return x.what.attempt_id == what.attempt_id && x.what.holder == what.holder;
      });
    },
    [this](const probe& what) { return on_probe(what.hops); },
    [this](const lease_return& what) { running_.erase(what.serial); },
    [this](const queue_tick&) {
      if (!there_ && !dialing_)
        start_dialing();
    },
    [this](const deadline_tick&) {
      if (is_undecided())
        give_up_waiting();
    },
  };
}

void remote_provider_state::start_dialing() {
  dialing_ = true;
  self_->mail(dial{})
    .request(dialer_, caf::infinite)
    .then([this](const node_actor& there) { on_connected(there); },
          [this](const caf::error& reason) { on_problem(error_text(reason)); });
}

void remote_provider_state::on_connected(const node_actor& there) {
  dialing_ = false;
  there_ = there;
  problem_.clear();
  logger()->info("{}: connected to node {}", config_.name, to_string(where_));
  self_->monitor(there_, [this, address = there.address()](const caf::error& reason) {
    if (there_.address() != address)
      return;
    there_ = nullptr;
    on_problem("node " + to_string(where_) + " is lost: " + error_text(reason));
    for (const auto& [serial, holder] : std::exchange(running_, {}))
      self_
        ->mail(provider_stopping{
          .serial = serial, .error = errc::provider_unavailable, .message = problem_, .counts = true})
        .send(holder);
  });
  serve_waiting();
}

void remote_provider_state::on_problem(const std::string& problem) {
  dialing_ = false;
  if (problem_ != problem)
    logger()->warn("{}: {}", config_.name, problem);
  problem_ = problem;
  serve_waiting();
  timer_ = self_->mail(queue_tick{}).delay(out_of_step(redial)).send(provider_actor{self_});
}

bool remote_provider_state::is_undecided() const {
  return !there_ && dialing_ && problem_.empty();
}

void remote_provider_state::serve_waiting() {
  for (auto& next : std::exchange(waiting_, {})) {
    if (there_)
      next.promise.deliver(grant(next.what));
    else
      next.promise.deliver(refusal(next.what, problem_));
  }
  for (const auto& next : std::exchange(waiting_probes_, {}))
    start_probe(next);
}

std::string remote_provider_state::circle() const {
  return "the question was passed on by " + std::to_string(most_hops)
         + " nodes; nodes that name each other for '" + config_.name + "' ask in a circle";
}

caf::error remote_provider_state::refusal(const lease_request& what, const std::string& why) const {
  const attempt_end end{
    .attempt_id = what.attempt_id, .error = errc::provider_unavailable, .message = why, .model = what.model};
  return caf::make_error(errc::provider_unavailable, end);
}

caf::result<granted_lease> remote_provider_state::on_request(const lease_request& what) {
  // The node would cut the connection off, and with it all that runs there. Another provider may take it.
  if (const auto size = wire_size(*what.question); size > wire_screen::largest_request) {
    const attempt_end end{.attempt_id = what.attempt_id,
                          .error = errc::context_length_exceeded,
                          .message = "the request has " + std::to_string(size)
                                     + " bytes; a node takes at most "
                                     + std::to_string(wire_screen::largest_request),
                          .model = what.model};
    return caf::make_error(errc::context_length_exceeded, end);
  }
  if (what.question->hops >= most_hops)
    return refusal(what, circle());
  if (there_)
    return grant(what);
  // After a failure the next provider is the better choice.
  if (!is_undecided())
    return refusal(what, problem_);
  if (waiting_.empty()) {
    patience_.dispose();
    patience_ = self_->mail(deadline_tick{}).delay(queue_timeout()).send(provider_actor{self_});
  }
  auto promise = self_->make_response_promise<granted_lease>();
  waiting_.push_back({what, promise});
  return promise;
}

std::chrono::milliseconds remote_provider_state::queue_timeout() const {
  return config_.queue_timeout.value_or(context_.config->queue_timeout);
}

void remote_provider_state::give_up_waiting() {
  problem_ = "node " + to_string(where_) + " has given no connection within "
             + readable_duration(queue_timeout()) + " (queue_timeout_seconds)";
  logger()->warn("{}: {}", config_.name, problem_);
  serve_waiting();
}

granted_lease remote_provider_state::grant(const lease_request& what) {
  const auto serial = next_lease_serial();
  running_.emplace(serial, what.holder);
  return {std::make_shared<far_lease>(serial, what.model, provider_actor{self_}, meter_,
                                      far_place{config_.name, there_, to_string(where_)})};
}

caf::result<probe_report> remote_provider_state::on_probe(std::uint32_t hops) {
  auto promise = self_->make_response_promise<probe_report>();
  if (is_undecided())
    waiting_probes_.push_back({promise, hops});
  else
    start_probe({promise, hops});
  return promise;
}

void remote_provider_state::start_probe(const waiting_probe& next) {
  auto promise = next.promise;
  auto fail = [this, promise](const std::string& why) mutable {
    promise.deliver(probe_report{
      .provider = config_.name, .model = config_.model, .error = errc::provider_unavailable, .message = why});
  };
  if (!there_ || next.hops >= most_hops) {
    fail(there_ ? circle() : problem_);
    return;
  }
  calls_.ask<probe_report>(
    self_, there_, to_string(where_), probe_provider{config_.name, next.hops + 1},
    [promise](const probe_report& found) mutable { promise.deliver(found); },
    [fail](const caf::error& reason) mutable { fail(error_text(reason)); });
}

} // namespace magna
