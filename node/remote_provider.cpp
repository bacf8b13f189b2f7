#include <magna/node/remote_provider.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/node/caf/caf_io.hpp>
#include <magna/node/caf/wire_screen.hpp>
#include <magna/node/error_text.hpp>
#include <magna/node/remote_attempt.hpp>

namespace magna {

namespace {

/// How long after a failure the node is dialled again.
constexpr std::chrono::seconds redial{1};

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
    tls_(std::move(tls)) {}

remote_provider_state::~remote_provider_state() {
  timer_.dispose();
  for (const auto& [serial, attempt] : running_)
    anon_mail(provider_stopping{}).send(attempt);
}

provider_actor::behavior_type remote_provider_state::make_behavior() {
  dialer_ = dialers_.start(self_->home_system(), where_, tls_);
  start_dialing();
  return {
    [this](const try_request& task) { return on_try(task); },
    [this](const withdraw_request& what) {
      std::erase_if(waiting_, [&what](const waiting& x) {
        return x.task.attempt_id == what.attempt_id && x.task.sink == what.sink;
      });
    },
    [this](const probe&) { return on_probe(); },
    [this](const attempt_ended& what) { running_.erase(what.attempt_id); },
    [this](const queue_tick&) {
      if (!there_ && !dialing_)
        start_dialing();
    },
  };
}

void remote_provider_state::start_dialing() {
  dialing_ = true;
  const auto failed = [this](const caf::error& reason) { on_problem(error_text(reason)); };
  const auto find_there = [this, failed](const node_actor& node) {
    calls_.ask<provider_actor>(
      self_, node, to_string(where_), find_provider{config_.name},
      [this](const provider_actor& there) { on_found(there); }, failed);
  };
  self_->mail(dial{}).request(dialer_, caf::infinite).then(find_there, failed);
}

void remote_provider_state::on_found(const provider_actor& there) {
  dialing_ = false;
  there_ = there;
  problem_.clear();
  logger()->info("{}: connected to node {}", config_.name, to_string(where_));
  self_->monitor(there_, [this, who = there.address()](const caf::error& reason) {
    if (there_.address() != who)
      return;
    there_ = nullptr;
    problem_ = "node " + to_string(where_) + " is lost (" + to_string(reason) + ")";
    logger()->warn("{}: {}", config_.name, problem_);
    for (const auto& [serial, attempt] : std::exchange(running_, {}))
      self_->mail(provider_stopping{}).send(attempt);
    start_dialing();
  });
  serve_waiting();
}

void remote_provider_state::on_problem(const std::string& problem) {
  dialing_ = false;
  if (problem_ != problem)
    logger()->warn("{}: {}", config_.name, problem);
  problem_ = problem;
  serve_waiting();
  timer_ = self_->mail(queue_tick{}).delay(redial).send(provider_actor{self_});
}

bool remote_provider_state::is_undecided() const {
  return !there_ && dialing_ && problem_.empty();
}

void remote_provider_state::serve_waiting() {
  for (auto& next : std::exchange(waiting_, {})) {
    if (there_)
      next.promise.deliver(start_attempt(next.task));
    else
      next.promise.deliver(not_there(next.task));
  }
  for (auto& next : std::exchange(waiting_probes_, {}))
    start_probe(std::move(next));
}

caf::error remote_provider_state::not_there(const try_request& task) {
  const attempt_ended missed{.provider = config_.name,
                             .attempt_id = next_attempt_serial(),
                             .model = config_.model,
                             .error = errc::provider_unavailable,
                             .message = problem_};
  self_->mail(missed).send(context_.table->health_monitor());
  const attempt_end end{.attempt_id = task.attempt_id,
                        .error = errc::provider_unavailable,
                        .message = problem_,
                        .model = config_.model};
  return caf::make_error(errc::provider_unavailable, end);
}

caf::result<attempt_actor> remote_provider_state::on_try(const try_request& task) {
  // The node would cut the connection off, and with it all that runs there. Another provider may take it.
  if (const auto size = wire_size(*task.question); size > wire_screen::largest_request) {
    const attempt_end end{.attempt_id = task.attempt_id,
                          .error = errc::context_length_exceeded,
                          .message = "the request has " + std::to_string(size)
                                     + " bytes; a node takes at most "
                                     + std::to_string(wire_screen::largest_request),
                          .model = config_.model};
    return caf::make_error(errc::context_length_exceeded, end);
  }
  if (there_)
    return start_attempt(task);
  // After a failure the next provider is the better choice.
  if (!is_undecided())
    return not_there(task);
  auto promise = self_->template make_response_promise<attempt_actor>();
  waiting_.push_back({task, promise});
  return promise;
}

attempt_actor remote_provider_state::start_attempt(const try_request& task) {
  const auto serial = next_attempt_serial();
  attempt_actor attempt = spawn_state<remote_attempt_state>(
    self_->home_system(), remote_attempt_config{
                            .task = task,
                            .serial = serial,
                            .provider = config_.name,
                            .model = config_.model,
                            .there = there_,
                            .node = to_string(where_),
                            .health_monitor = context_.table->health_monitor(),
                            .owner = provider_actor{self_},
                          });
  running_.emplace(serial, attempt);
  return attempt;
}

caf::result<probe_report> remote_provider_state::on_probe() {
  auto promise = self_->template make_response_promise<probe_report>();
  if (is_undecided())
    waiting_probes_.push_back(promise);
  else
    start_probe(promise);
  return promise;
}

void remote_provider_state::start_probe(caf::typed_response_promise<probe_report> promise) {
  auto fail = [this, promise](const std::string& why) mutable {
    promise.deliver(probe_report{
      .provider = config_.name, .model = config_.model, .error = errc::provider_unavailable, .message = why});
  };
  if (!there_) {
    fail(problem_);
    return;
  }
  calls_.ask<probe_report>(
    self_, there_, to_string(where_), probe{},
    [promise](const probe_report& found) mutable { promise.deliver(found); },
    [fail](const caf::error& reason) mutable { fail(error_text(reason)); });
}

} // namespace magna
