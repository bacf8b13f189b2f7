#include <magna/actors/supervision/supervisor.hpp>

#include <algorithm>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/health/health_monitor.hpp>
#include <magna/actors/log.hpp>
#include <magna/actors/observers/all_observers.hpp>
#include <magna/actors/providers/provider.hpp>
#include <magna/actors/requests/orchestrator.hpp>
#include <magna/messages/error_text.hpp>

namespace magna {

namespace {

/// What the supervisor needs of a child: that it can be watched.
using any_child = caf::typed_actor<caf::result<void>(restart_tick)>;

} // namespace

supervisor_state::supervisor_state(self_pointer<supervisor_actor> self, runtime_context context)
  : self_(self), context_(std::move(context)) {
  if (!context_.alarms)
    context_.alarms = std::make_shared<alarm_clock>(self->home_system());
  if (!context_.watchers)
    context_.watchers = all_observers(context_.table);
}

supervisor_state::~supervisor_state() {
  for (auto& [which, x] : children_) {
    x.timer.dispose();
    if (x.handle)
      caf::anon_send_exit(x.handle, caf::exit_reason::kill);
  }
  context_.table->clear();
  context_.requests->clear();
  context_.subscribers->clear();
}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  context_.table->replace(context_.config, {});
  // The order matters at the start only: providers report to the monitor, the orchestrator needs both.
  add_health_monitor();
  for (const auto& provider : context_.config->providers) {
    const auto handle = spawn(provider);
    context_.table->set_provider(provider.name, handle);
    add_provider(provider, handle);
  }
  add_orchestrator();
  return {
    [this](const drain& what) { return stop_all(what); },
    [this](const reload& what) { on_reload(what); },
    [](const await_start&) {},
    [this](const restart_tick& what) {
      // A reload may have taken the child out, or started it anew.
      const auto found = children_.find(what.child);
      if (!stopping_ && found != children_.end() && !found->second.handle)
        start(what.child);
    },
  };
}

void supervisor_state::add_health_monitor() {
  children_["health monitor"] = {
    .start =
      [this] {
        const auto made = spawn_state<health_monitor_state>(self_->home_system(), context_);
        context_.table->set_health_monitor(made);
        return caf::actor_cast<caf::strong_actor_ptr>(made);
      },
    .gone = [](const std::string&) {},
  };
  start("health monitor");
}

provider_actor supervisor_state::spawn(const provider_settings& config) {
  return context_.spawn ? context_.spawn(self_->home_system(), context_, config)
                        : spawn_provider(self_->home_system(), context_, config);
}

void supervisor_state::add_provider(const provider_settings& config, const provider_actor& handle) {
  const auto which = "provider " + config.name;
  children_[which] = {
    .start =
      [this, config] {
        const auto made = spawn(config);
        context_.table->set_provider(config.name, made);
        self_->mail(provider_changed{.provider = config.name, .handle = made})
          .send(context_.table->health_monitor());
        return caf::actor_cast<caf::strong_actor_ptr>(made);
      },
    .gone =
      [this, config](const std::string& why) {
        context_.table->set_provider(config.name, provider_actor{});
        if (!why.empty())
          self_->mail(provider_changed{.provider = config.name, .message = why})
            .send(context_.table->health_monitor());
      },
  };
  watch(which, caf::actor_cast<caf::strong_actor_ptr>(handle));
}

void supervisor_state::add_orchestrator() {
  children_["orchestrator"] = {
    .start =
      [this] {
        const auto made = spawn_state<orchestrator_state>(self_->home_system(), context_);
        context_.table->set_orchestrator(made);
        if (drain_)
          drain_requests();
        return caf::actor_cast<caf::strong_actor_ptr>(made);
      },
    .gone = [](const std::string&) {},
  };
  start("orchestrator");
}

void supervisor_state::start(const std::string& which) {
  watch(which, children_.at(which).start());
}

void supervisor_state::watch(const std::string& which, caf::strong_actor_ptr handle) {
  auto& x = children_.at(which);
  x.timer = caf::disposable{};
  x.handle = std::move(handle);
  ++alive_;
  self_->monitor(caf::actor_cast<any_child>(x.handle),
                 [this, which, who = caf::actor_cast<caf::actor_addr>(x.handle)](const caf::error& why) {
                   on_down(which, who, why);
                 });
}

void supervisor_state::on_reload(const reload& what) {
  if (stopping_)
    return;
  const auto before = std::exchange(context_.config, what.config);
  // Requests go over to the new configuration and to its actors in one step: there is no moment in which one
  // of both is missing.
  std::vector<std::pair<std::string, provider_actor>> handles;
  for (const auto& provider : context_.config->providers)
    handles.emplace_back(provider.name, spawn(provider));
  context_.table->replace(context_.config, handles);
  self_->mail(what).send(context_.table->health_monitor());
  for (const auto& old : before->providers) {
    const auto found = children_.find("provider " + old.name);
    let_go(found->second);
    children_.erase(found);
  }
  for (std::size_t i = 0; i < handles.size(); ++i)
    add_provider(context_.config->providers[i], handles[i].second);
  logger()->info("configuration reloaded: {} provider(s)", context_.config->providers.size());
}

void supervisor_state::let_go(child& x) {
  x.timer.dispose();
  if (x.handle)
    --alive_;
}

void supervisor_state::on_down(const std::string& which, const caf::actor_addr& who,
                               const caf::error& reason) {
  const auto found = children_.find(which);
  if (found == children_.end() || caf::actor_cast<caf::actor_addr>(found->second.handle) != who) {
    // One that a reload has replaced: its last attempt is over.
    logger()->debug("{}: the actor of the configuration before is gone", which);
    return;
  }
  auto& x = found->second;
  x.handle = nullptr;
  --alive_;
  if (stopping_) {
    if (alive_ == 0) {
      for (auto& promise : std::exchange(promises_, {}))
        promise.deliver(result_);
      self_->quit();
    }
    return;
  }
  const auto text = error_text(reason);
  const auto wait = x.policy.on_crash(self_->clock().now());
  if (wait == steady_duration::zero()) {
    x.gone({});
    start(which);
    context_.watchers->tell(restart_event{which, text, {}});
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait).count();
  const auto why = which + " keeps crashing; next restart in " + std::to_string(seconds) + " s";
  context_.watchers->tell(restart_event{which, text, wait});
  x.gone(why);
  x.timer = self_->mail(restart_tick{which}).delay(wait).send(supervisor_actor{self_});
}

caf::result<drained> supervisor_state::stop_all(const drain& what) {
  auto promise = self_->make_response_promise<drained>();
  promises_.push_back(promise);
  drain_ = what;
  drain_requests();
  return promise;
}

void supervisor_state::drain_requests() {
  self_->mail(*drain_)
    .request(context_.table->orchestrator(), caf::infinite)
    .then([this](const drained& result) { stop_children(result); },
          [](const caf::error&) {
            // It crashed. Its successor has the same requests to wait for and is told when it starts.
          });
}

void supervisor_state::stop_children(drained result) {
  if (std::exchange(stopping_, true))
    return;
  result_ = result;
  for (auto& [which, x] : children_) {
    x.timer.dispose();
    if (x.handle)
      self_->send_exit(caf::actor_cast<caf::actor>(x.handle), caf::exit_reason::user_shutdown);
  }
}

} // namespace magna
