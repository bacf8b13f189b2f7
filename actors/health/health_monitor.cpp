#include <magna/actors/health/health_monitor.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <caf/timestamp.hpp>

#include <magna/actors/providers/provider_identity.hpp>
#include <magna/messages/error_text.hpp>

#include <unistd.h>

namespace magna {

namespace {

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

circuit_breaker_config breaker_config(const settings& all) {
  return {
    .failure_threshold = all.failure_threshold, .cooldown = all.cooldown, .max_cooldown = all.max_cooldown};
}

} // namespace

health_monitor_state::health_monitor_state(self_pointer<health_monitor_actor> self, runtime_context context)
  : self_(self), context_(std::move(context)) {
  for (const auto& provider : context_.config->providers) {
    entries_.push_back(make_entry(provider, *context_.config));
    // After a restart the table must not keep what is known to nobody.
    entries_.back().meter->settle(false);
    context_.table->set_health(provider.name, health_state::unknown, std::nullopt);
  }
}

health_monitor_state::~health_monitor_state() {
  timer_.dispose();
}

health_monitor_actor::behavior_type health_monitor_state::make_behavior() {
  for (const auto& subscriber : context_.subscribers->all())
    watch(subscriber);
  return {
    [this](const attempt_verdict& what) { on_verdict(what); },
    [this](const get_status&) { return report(); },
    [this](const check_health&) { return probe_all(); },
    [this](const subscribe& what) {
      context_.subscribers->add(what.subscriber);
      watch(what.subscriber);
    },
    [this](const provider_changed& what) { on_provider_changed(what); },
    [this](const reload& what) { on_reload(what.config); },
    [this](const get_health_facts&) { return facts(); },
    [this](const health_facts& what) {
      for (const auto& fact : what.facts)
        adopt(fact);
    },
    [this](const probe_tick&) { on_probe_tick(); },
  };
}

void health_monitor_state::watch(const health_subscriber_actor& subscriber) {
  self_->monitor(subscriber, [this, address = subscriber.address()](const caf::error&) {
    context_.subscribers->remove(address);
  });
}

health_monitor_state::entry health_monitor_state::make_entry(const provider_settings& provider,
                                                             const settings& all) const {
  entry made{.status = {},
             .record = health_record{breaker_config(all), provider_identity(provider, host_name())},
             .meter = context_.table->meter(provider.name)};
  made.status.name = provider.name;
  made.status.kind = to_string(provider.kind);
  made.status.model = provider.model;
  return made;
}

health_monitor_state::entry* health_monitor_state::find(std::string_view provider) {
  const auto found =
    std::ranges::find_if(entries_, [provider](const entry& x) { return x.status.name == provider; });
  return found != entries_.end() ? &*found : nullptr;
}

void health_monitor_state::on_verdict(const attempt_verdict& what) {
  auto* x = find(what.provider);
  if (x == nullptr)
    return;
  const auto now = self_->clock().now();
  if (!what.error) {
    x->record.on_success(now);
    update(*x, std::nullopt, {});
    return;
  }
  note_error(*x, *what.error, what.message);
  if (what.error == errc::model_not_found && what.model == x->status.model)
    x->model_missed = now;
  // A key that is refused or used up is the key's trouble while another one is left.
  const auto key_only =
    what.another_key && (*what.error == errc::authentication_failed || *what.error == errc::rate_limited);
  if (!counts_against_health(*what.error) || key_only) {
    x->meter->settle(x->record.settled());
    return;
  }
  std::optional<steady_duration> retry_after;
  if (what.retry_after)
    retry_after = std::chrono::duration_cast<steady_duration>(*what.retry_after);
  x->record.on_failure(*what.error, retry_after, now);
  update(*x, what.error, what.message);
}

health_facts health_monitor_state::facts() {
  const auto now = self_->clock().now();
  health_facts result;
  for (auto& x : entries_) {
    x.record.note_successes(x.meter->last_success());
    if (auto fact = x.record.fact(x.status.name, now))
      result.facts.push_back(std::move(*fact));
  }
  return result;
}

void health_monitor_state::adopt(const health_fact& fact) {
  auto* x = find(fact.provider);
  if (x == nullptr)
    return;
  x->record.note_successes(x->meter->last_success());
  if (x->record.adopt(fact, self_->clock().now()))
    update(*x, std::nullopt, "another node has seen it");
}

void health_monitor_state::on_reload(const std::shared_ptr<const settings>& config) {
  std::vector<entry> next;
  for (const auto& provider : config->providers) {
    const auto& before = context_.config->providers;
    auto* known = find(provider.name);
    if (known != nullptr && std::ranges::find(before, provider) != before.end()) {
      known->record.configure(breaker_config(*config));
      next.push_back(std::move(*known));
    } else {
      next.push_back(make_entry(provider, *config));
      next.back().meter->forget();
      context_.table->set_health(provider.name, health_state::unknown, std::nullopt);
    }
  }
  entries_ = std::move(next);
  context_.config = config;
  arm_timer();
}

void health_monitor_state::on_provider_changed(const provider_changed& what) {
  auto* x = find(what.provider);
  if (x == nullptr)
    return;
  if (what.handle) {
    ++x->status.restarts;
    return;
  }
  note_error(*x, errc::provider_error, what.message);
  x->record.on_crashes(self_->clock().now());
  update(*x, errc::provider_error, what.message);
}

void health_monitor_state::note_error(entry& x, errc error, const std::string& message) {
  ++x.status.failures;
  x.status.last_error = error;
  x.status.last_error_message = message;
  x.status.last_error_at = caf::make_timestamp();
}

void health_monitor_state::update(entry& x, const std::optional<errc>& cause, const std::string& message) {
  const auto before = std::exchange(x.status.state, x.record.state());
  context_.table->set_health(x.status.name, x.status.state, x.record.rest_until());
  x.meter->settle(x.record.settled());
  arm_timer();
  if (before == x.status.state)
    return;
  const health_event event{x.status.name, before, x.status.state, cause, message, caf::make_timestamp()};
  context_.watchers->tell(event);
  for (const auto& subscriber : context_.subscribers->all())
    self_->mail(event).send(subscriber);
}

void health_monitor_state::on_probe_tick() {
  timer_ = caf::disposable{};
  const auto now = self_->clock().now();
  for (auto& x : entries_)
    if (x.record.start_probe(now))
      probe_one(x, [](const probe_report&) {});
  arm_timer();
}

void health_monitor_state::probe_one(const entry& which, const std::function<void(probe_report)>& done) {
  const auto judge = [this, done, epoch = which.meter->epoch()](probe_report report) {
    // A reload may have taken it out meanwhile, or made another one of it.
    if (auto* x = find(report.provider); x != nullptr && x->meter->epoch() == epoch)
      on_probe_result(*x, report);
    done(std::move(report));
  };
  const auto down = [judge, name = which.status.name, model = which.status.model](const caf::error& reason) {
    judge({.provider = name,
           .model = model,
           .error = errc::provider_error,
           .message = "the provider's actor has ended: " + error_text(reason)});
  };
  self_->mail(probe{})
    .request(context_.table->provider(which.status.name), caf::infinite)
    .then([judge](const probe_report& report) { judge(report); }, down);
}

void health_monitor_state::on_probe_result(entry& x, probe_report& report) {
  // A model that is on no list is missing where a request was told so, too, and none was answered since.
  if (report.usable && report.error == errc::model_not_found && x.model_missed) {
    const auto answered = x.meter->last_success();
    report.usable = answered && *answered > *x.model_missed;
  }
  if (report.usable) {
    x.record.on_probe_success();
    update(x, std::nullopt, "a probe found it usable");
  } else {
    const auto error = report.error.value_or(errc::provider_error);
    if (error != errc::overloaded)
      note_error(x, error, report.message);
    x.record.on_probe_failure(error, self_->clock().now());
    update(x, error, report.message);
  }
  report.state = x.status.state;
}

caf::result<health_report> health_monitor_state::probe_all() {
  struct gathering {
    health_report report;
    std::size_t missing;
    caf::typed_response_promise<health_report> promise;
  };
  auto all = std::make_shared<gathering>();
  all->promise = self_->make_response_promise<health_report>();
  all->report.providers.resize(entries_.size());
  all->missing = entries_.size();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    probe_one(entries_[i], [all, i](probe_report report) {
      all->report.providers[i] = std::move(report);
      if (--all->missing == 0)
        all->promise.deliver(std::move(all->report));
    });
  }
  return all->promise;
}

status_report health_monitor_state::report() const {
  status_report result;
  for (const auto& x : entries_) {
    auto status = x.status;
    status.consecutive_failures = x.record.consecutive_failures();
    status.in_flight = x.meter->in_flight();
    const auto figures = x.meter->read();
    status.successes = figures.successes;
    status.ttft_p50 = figures.ttft_p50;
    status.ttft_p95 = figures.ttft_p95;
    status.latency_p50 = figures.latency_p50;
    status.latency_p95 = figures.latency_p95;
    result.providers.push_back(std::move(status));
  }
  return result;
}

void health_monitor_state::arm_timer() {
  std::optional<steady_time> next;
  for (const auto& x : entries_)
    if (const auto at = x.record.next_probe(); at && (!next || *at < *next))
      next = at;
  timer_.dispose();
  if (!next)
    return;
  const auto wait = std::max(*next - self_->clock().now(), steady_duration::zero());
  timer_ = self_->mail(probe_tick{}).delay(wait).send(health_monitor_actor{self_});
}

} // namespace magna
