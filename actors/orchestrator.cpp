#include <magna/actors/orchestrator.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <random>
#include <utility>

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/check_request.hpp>
#include <magna/actors/generation.hpp>

namespace magna {

namespace {

/// Unique enough to find a request in the logs of several nodes: 64 random bits.
std::string make_request_id() {
  thread_local std::mt19937_64 engine{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "req-%016llx", static_cast<unsigned long long>(engine()));
  return text.data();
}

std::vector<std::string> names_of(const settings& all) {
  std::vector<std::string> result;
  result.reserve(all.providers.size());
  for (const auto& provider : all.providers)
    result.push_back(provider.name);
  return result;
}

} // namespace

orchestrator_state::orchestrator_state(self_pointer<orchestrator_actor> self, runtime_context context)
  : self_(self), context_(std::move(context)) {}

orchestrator_state::~orchestrator_state() {
  drain_timer_.dispose();
}

orchestrator_actor::behavior_type orchestrator_state::make_behavior() {
  return {
    [this](const request& what, const requester_actor& requester) -> caf::result<accepted> {
      if (const auto refused = refuse(what))
        return caf::make_error(refused->error, *refused);
      return self_->mail(open_stream{}).delegate(admit(what, requester));
    },
    [this](const request& what) -> caf::result<completion> {
      if (const auto refused = refuse(what))
        return caf::make_error(refused->error, *refused);
      return self_->mail(collect_answer{}).delegate(admit(what, {}));
    },
    [this](const cancel& what) {
      if (const auto found = running_.find(what.request_id); found != running_.end())
        self_->mail(what).send(found->second.generation);
    },
    [this](const credit& what) {
      if (const auto found = running_.find(what.request_id); found != running_.end())
        self_->mail(what).send(found->second.generation);
    },
    [this](const get_status& what) -> caf::result<status_report> {
      return self_->mail(what).delegate(context_.table->health_monitor());
    },
    [this](const check_health& what) -> caf::result<health_report> {
      return self_->mail(what).delegate(context_.table->health_monitor());
    },
    [this](const subscribe& what) { self_->mail(what).send(context_.table->health_monitor()); },
    [this](const drain& what) { return start_drain(what); },
    [this](const generation_ended& what) {
      running_.erase(what.request_id);
      finish_drain_if_empty();
    },
    [this](const deadline_tick&) {
      cancelled_ = running_.size();
      for (const auto& [id, running] : running_)
        self_->mail(cancel{id}).send(running.generation);
    },
  };
}

std::optional<failure> orchestrator_state::refuse(const request& what) const {
  failure no{.request_id = what.id};
  if (draining_) {
    no.error = errc::overloaded;
    no.message = "this node is shutting down and takes no new requests";
    no.retryable = true;
    return no;
  }
  no.error = errc::invalid_request;
  if (!what.id.empty() && running_.contains(what.id)) {
    no.message = "a request with the ID '" + what.id + "' is running already";
    return no;
  }
  if (auto problem = check_request(what, names_of(*context_.config))) {
    no.message = std::move(*problem);
    return no;
  }
  return std::nullopt;
}

generation_actor orchestrator_state::admit(const request& what, const requester_actor& requester) {
  auto question = what;
  if (question.id.empty())
    question.id = make_request_id();
  const auto id = question.id;
  if (spdlog::should_log(spdlog::level::debug)) {
    std::string labels;
    for (const auto& [key, value] : question.metadata)
      labels.append(" ").append(key).append("=").append(value);
    spdlog::debug("[{}] accepted, {} message(s){}", id, question.messages.size(), labels);
  }
  auto made = spawn_state<generation_state>(self_->home_system(),
                                            generation_config{.context = context_,
                                                              .question = shared_request{std::move(question)},
                                                              .requester = requester,
                                                              .owner = orchestrator_actor{self_}});
  running_.emplace(id, running_request{made, requester ? requester.address() : caf::actor_addr{}});
  if (requester)
    watch(requester);
  // A generation that crashes can't say goodbye.
  self_->monitor(made, [this, id](const caf::error& reason) {
    if (!is_crash(reason))
      return;
    spdlog::error("[{}] the request's actor crashed: {}", id, to_string(reason));
    const auto found = running_.find(id);
    if (found == running_.end())
      return;
    const auto owner = caf::actor_cast<caf::strong_actor_ptr>(found->second.requester);
    running_.erase(found);
    if (owner)
      self_
        ->mail(failure{.request_id = id,
                       .error = errc::provider_error,
                       .message = "the request's actor crashed",
                       .retryable = true})
        .send(caf::actor_cast<requester_actor>(owner));
    finish_drain_if_empty();
  });
  return made;
}

void orchestrator_state::watch(const requester_actor& requester) {
  if (!watched_.insert(requester.address()).second)
    return;
  self_->monitor(requester, [this, who = requester.address()](const caf::error&) {
    watched_.erase(who);
    for (const auto& [id, running] : running_) {
      if (running.requester == who) {
        spdlog::info("[{}] the requester is gone; cancelling", id);
        self_->mail(cancel{id}).send(running.generation);
      }
    }
  });
}

caf::result<drained> orchestrator_state::start_drain(const drain& what) {
  auto promise = self_->template make_response_promise<drained>();
  drain_promises_.push_back(promise);
  if (!draining_) {
    spdlog::info("draining: {} request(s) are running", running_.size());
    draining_ = true;
  }
  drain_timer_.dispose();
  drain_timer_ = self_->mail(deadline_tick{}).delay(what.deadline).send(orchestrator_actor{self_});
  finish_drain_if_empty();
  return promise;
}

void orchestrator_state::finish_drain_if_empty() {
  if (!draining_ || !running_.empty())
    return;
  drain_timer_.dispose();
  for (auto& promise : std::exchange(drain_promises_, {}))
    promise.deliver(drained{cancelled_});
}

} // namespace magna
