#include <magna/actors/requests/orchestrator.hpp>

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/requests/check_request.hpp>
#include <magna/actors/requests/generation.hpp>
#include <magna/messages/request_id.hpp>

namespace magna {

namespace {

std::vector<std::string> names_of(const settings& all) {
  std::vector<std::string> result;
  result.reserve(all.providers.size());
  for (const auto& provider : all.providers)
    result.push_back(provider.name);
  return result;
}

} // namespace

orchestrator_state::orchestrator_state(self_pointer<orchestrator_actor> self, runtime_context context)
  : self_(self),
    context_(std::move(context)),
    routes_(context_.table),
    gate_(context_.config->max_requests, 0) {}

orchestrator_state::~orchestrator_state() {
  drain_timer_.dispose();
}

orchestrator_actor::behavior_type orchestrator_state::make_behavior() {
  for (const auto& [id, running] : context_.requests->all())
    watch(id, running);
  return {
    [this](request& what, const requester_actor& requester) -> caf::result<accepted> {
      if (const auto refused = refuse(what))
        return caf::make_error(refused->error, *refused);
      return self_->mail(open_stream{}).delegate(admit(std::move(what), requester));
    },
    [this](request& what) -> caf::result<completion> {
      if (const auto refused = refuse(what))
        return caf::make_error(refused->error, *refused);
      return self_->mail(collect_answer{}).delegate(admit(std::move(what), {}));
    },
    [this](const cancel& what) {
      if (const auto found = context_.requests->find(what.request_id))
        self_->mail(what).send(found->generation);
    },
    [this](const credit& what) {
      if (const auto found = context_.requests->find(what.request_id))
        self_->mail(what).send(found->generation);
    },
    [this](const get_status& what) -> caf::result<status_report> {
      return self_->mail(what).delegate(routes_.now()->health_monitor);
    },
    [this](const check_health& what) -> caf::result<health_report> {
      return self_->mail(what).delegate(routes_.now()->health_monitor);
    },
    [this](const subscribe& what) {
      // At once: the monitor may be between two lives, and its successor looks there.
      context_.subscribers->add(what.subscriber);
      self_->mail(what).send(routes_.now()->health_monitor);
    },
    [this](const drain& what) { return start_drain(what); },
    [this](const deadline_tick&) {
      const auto late = context_.requests->all();
      cancelled_ = late.size();
      for (const auto& [id, running] : late)
        self_->mail(cancel{id}).send(running.generation);
    },
  };
}

std::optional<failure> orchestrator_state::refuse(const request& what) {
  const auto routes = routes_.now();
  const auto& config = *routes->config;
  failure no{.request_id = what.id};
  // Cheap answers first: refusing must cost less than serving.
  if (draining_) {
    no.error = errc::overloaded;
    no.message = "this node is shutting down and takes no new requests";
    no.retryable = true;
    return no;
  }
  gate_.resize(config.max_requests, 0);
  if (gate_.ask() != admission_gate::verdict::enter) {
    no.error = errc::overloaded;
    no.message = std::to_string(gate_.inside()) + " requests are running, as many as max_requests allows";
    no.retryable = true;
    no.retry_after = gate_.retry_after();
    return no;
  }
  no.error = errc::invalid_request;
  if (!what.id.empty() && context_.requests->find(what.id)) {
    no.message = "a request with the ID '" + what.id + "' is running already";
    return no;
  }
  // The names are asked for only where the request has some.
  if (auto problem =
        check_request(what, what.targets.empty() ? std::vector<std::string>{} : names_of(config))) {
    no.message = std::move(*problem);
    return no;
  }
  return std::nullopt;
}

generation_actor orchestrator_state::admit(request question, const requester_actor& requester) {
  if (question.id.empty())
    question.id = make_request_id();
  // Vectors come whole.
  question.stream = question.stream && question.job == job_kind::chat;
  const auto id = question.id;
  auto generation = spawn_state<generation_state>(
    self_->home_system(), generation_config{.table = context_.table,
                                            .alarms = context_.alarms,
                                            .watchers = context_.watchers,
                                            .known = routes_.now(),
                                            .question = shared_request{std::move(question)},
                                            .requester = requester});
  const request_table::entry running{
    .generation = generation,
    .requester = requester ? requester.address() : caf::actor_cast<caf::actor_addr>(self_->current_sender()),
    .arrived = self_->clock().now()};
  context_.requests->add(id, running);
  watch(id, running);
  return generation;
}

void orchestrator_state::watch(const std::string& id, const request_table::entry& running) {
  gate_.enter();
  // A generation that crashes tells its requester itself.
  self_->monitor(running.generation, [this, id, who = running.generation.address()](const caf::error&) {
    on_generation_down(id, who);
  });
  if (running.requester)
    watch_requester(running.requester);
}

void orchestrator_state::on_generation_down(const std::string& id, const caf::actor_addr& generation) {
  const auto ended = context_.requests->remove(id, generation);
  gate_.leave(ended ? self_->clock().now() - ended->arrived : steady_duration::zero());
  finish_drain_if_empty();
}

void orchestrator_state::watch_requester(const caf::actor_addr& requester) {
  if (!watched_.insert(requester).second)
    return;
  const auto gone = [this, who = requester](const caf::error&) {
    watched_.erase(who);
    for (const auto& [id, generation] : context_.requests->of(who)) {
      logger()->info("[{}] the requester is gone; cancelling", id);
      self_->mail(cancel{id}).send(generation);
    }
  };
  if (const auto handle = caf::actor_cast<caf::strong_actor_ptr>(requester))
    self_->monitor(caf::actor_cast<requester_actor>(handle), gone);
  else
    gone({});
}

caf::result<drained> orchestrator_state::start_drain(const drain& what) {
  auto promise = self_->make_response_promise<drained>();
  drain_promises_.push_back(promise);
  if (!draining_) {
    logger()->info("draining: {} request(s) are running", context_.requests->size());
    draining_ = true;
  }
  drain_timer_.dispose();
  drain_timer_ = self_->mail(deadline_tick{}).delay(bounded(what.deadline)).send(orchestrator_actor{self_});
  finish_drain_if_empty();
  return promise;
}

void orchestrator_state::finish_drain_if_empty() {
  if (!draining_ || context_.requests->size() > 0)
    return;
  drain_timer_.dispose();
  for (auto& promise : std::exchange(drain_promises_, {}))
    promise.deliver(drained{cancelled_});
}

} // namespace magna
