#include <magna/actors/health/health_monitor.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <caf/timestamp.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/providers/provider_identity.hpp>

#include <unistd.h>

namespace magna {

namespace {

/// A provider that is rate-limited with no word on how long rests this long.
constexpr std::chrono::seconds default_rest{5};

/// What another node saw longer ago is no news.
constexpr std::chrono::minutes oldest_fact{5};
/// Two reports of one moment differ by less.
constexpr std::chrono::milliseconds fact_jitter{200};
/// A success of one's own, so fresh, stands above what others report.
constexpr std::chrono::seconds fresh_success{5};
/// No other node can put a provider to rest for longer.
constexpr std::chrono::minutes longest_rest{5};

/// So many answers say what is usual.
constexpr std::size_t least_known_answers = 20;

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
    // After a restart the table must not keep what nobody remembers.
    context_.table->set_health(provider.name, health_state::unknown, std::nullopt);
  }
}

health_monitor_state::~health_monitor_state() {
  timer_.dispose();
}

health_monitor_actor::behavior_type health_monitor_state::make_behavior() {
  for (const auto& subscriber : context_.table->subscribers())
    watch(subscriber);
  return {
    [this](const attempt_started& what) { on_started(what); },
    [this](const attempt_ended& what) { on_ended(what); },
    [this](const get_status&) { return report(); },
    [this](const check_health&) { return probe_all(); },
    [this](const subscribe& what) {
      context_.table->add_subscriber(what.subscriber);
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
  self_->monitor(subscriber, [this, who = subscriber.address()](const caf::error&) {
    context_.table->remove_subscriber(who);
  });
}

health_monitor_state::entry health_monitor_state::make_entry(const provider_settings& provider,
                                                             const settings& all) {
  entry made{.status = {}, .breaker = circuit_breaker{breaker_config(all)}};
  made.status.name = provider.name;
  made.status.kind = to_string(provider.kind);
  made.status.model = provider.model;
  made.identity = provider_identity(provider, host_name());
  return made;
}

health_monitor_state::entry* health_monitor_state::find(std::string_view provider) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [provider](const entry& x) { return x.status.name == provider; });
  return found != entries_.end() ? &*found : nullptr;
}

void health_monitor_state::on_started(const attempt_started& what) {
  if (auto* x = find(what.provider))
    x->running.insert(what.attempt_id);
}

void health_monitor_state::on_ended(const attempt_ended& what) {
  auto* x = find(what.provider);
  if (x == nullptr)
    return;
  x->running.erase(what.attempt_id);
  if (!what.error) {
    ++x->status.successes;
    x->rest_until.reset();
    x->latency.add(what.duration);
    if (what.ttft)
      learn_ttft(*x, *what.ttft);
    x->breaker.on_success();
    x->last_success = self_->clock().now();
    note_seen(*x);
    update(*x, std::nullopt, {});
    return;
  }
  if (*what.error == errc::cancelled) {
    if (what.ttft)
      learn_ttft(*x, *what.ttft);
    return;
  }
  note_error(*x, *what.error, what.message);
  // A key that is refused or used up is the key's trouble while another one is left.
  const auto key_only =
    what.another_key && (*what.error == errc::authentication_failed || *what.error == errc::rate_limited);
  if (!counts_against_health(*what.error) || key_only)
    return;
  const auto now = self_->clock().now();
  const auto rest = [&what](caf::timespan otherwise) {
    return std::chrono::duration_cast<steady_duration>(what.retry_after.value_or(otherwise));
  };
  if (*what.error == errc::rate_limited)
    x->rest_until = now + rest(default_rest);
  x->breaker.on_failure(now, rest({}));
  note_seen(*x);
  update(*x, what.error, what.message);
}

void health_monitor_state::note_seen(entry& x) {
  x.seen = self_->clock().now();
  x.seen_here = true;
}

health_facts health_monitor_state::facts() const {
  const auto now = self_->clock().now();
  const auto left = [now](const std::optional<steady_time>& until) {
    return until ? std::max(*until - now, steady_duration::zero()) : steady_duration::zero();
  };
  health_facts result;
  for (const auto& x : entries_)
    if (x.seen && x.seen_here)
      result.facts.push_back({.provider = x.status.name,
                              .identity = x.identity,
                              .state = x.status.state,
                              .open_for = left(x.breaker.next_probe()),
                              .rest_for = left(x.rest_until),
                              .age = now - *x.seen});
  return result;
}

void health_monitor_state::adopt(const health_fact& fact) {
  auto* x = find(fact.provider);
  if (x == nullptr || x->identity != fact.identity || fact.age > oldest_fact)
    return;
  const auto now = self_->clock().now();
  const auto seen = now - fact.age;
  // What comes back about the same moment is nothing new; the network makes it look a little different.
  if (x->seen && seen <= *x->seen + fact_jitter)
    return;
  const auto is_fine_here = x->last_success && now - *x->last_success < fresh_success;
  if (is_fine_here && fact.state != health_state::healthy)
    return;
  x->seen = seen;
  x->seen_here = false;
  x->breaker.adopt(fact.state, now, fact.open_for);
  if (fact.rest_for > caf::timespan::zero())
    x->rest_until = now + std::min<steady_duration>(fact.rest_for, longest_rest);
  else
    x->rest_until.reset();
  update(*x, std::nullopt, "another node has seen it");
}

void health_monitor_state::learn_ttft(entry& x, caf::timespan ttft) {
  x.ttft.add(ttft);
  // Percentiles cost more than a count: now and then is enough.
  if (x.ttft.size() < least_known_answers || ++x.learned % 8 != 0)
    return;
  if (const auto usual = x.ttft.percentile(95))
    context_.table->set_late_after(x.status.name, std::chrono::duration_cast<steady_duration>(*usual));
}

void health_monitor_state::on_reload(const std::shared_ptr<const settings>& config) {
  std::vector<entry> next;
  for (const auto& provider : config->providers) {
    const auto& before = context_.config->providers;
    auto* known = find(provider.name);
    if (known != nullptr && std::ranges::find(before, provider) != before.end()) {
      known->breaker.configure(breaker_config(*config));
      next.push_back(std::move(*known));
    } else {
      next.push_back(make_entry(provider, *config));
      context_.table->set_health(provider.name, health_state::unknown, std::nullopt);
      context_.table->set_late_after(provider.name, std::nullopt);
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
    // The attempts of the actor that crashed are gone with it.
    x->running.clear();
    return;
  }
  note_error(*x, errc::provider_error, what.message);
  // Our own actor crashes: no other node needs to know.
  x->breaker.force_open(self_->clock().now());
  update(*x, errc::provider_error, what.message);
}

void health_monitor_state::note_error(entry& x, errc error, const std::string& message) {
  ++x.status.failures;
  x.status.last_error = error;
  x.status.last_error_message = message;
  x.status.last_error_at = caf::make_timestamp();
}

void health_monitor_state::update(entry& x, const std::optional<errc>& cause, const std::string& message) {
  const auto before = std::exchange(x.status.state, x.breaker.state());
  context_.table->set_health(x.status.name, x.status.state, x.rest_until);
  arm_timer();
  if (before == x.status.state)
    return;
  logger()->log(x.status.state == health_state::healthy ? spdlog::level::info : spdlog::level::warn,
                "{}: {} -> {}{}{}", x.status.name, to_string(before), to_string(x.status.state),
                message.empty() ? "" : ": ", message);
  const health_event event{x.status.name, before, x.status.state, cause, message, caf::make_timestamp()};
  for (const auto& subscriber : context_.table->subscribers())
    self_->mail(event).send(subscriber);
}

void health_monitor_state::on_probe_tick() {
  timer_ = caf::disposable{};
  const auto now = self_->clock().now();
  for (auto& x : entries_)
    if (x.breaker.start_probe(now))
      probe_one(x, [](const probe_report&) {});
  arm_timer();
}

void health_monitor_state::probe_one(const entry& which, const std::function<void(probe_report)>& done) {
  const auto judge = [this, done](probe_report report) {
    // A reload may have taken it out meanwhile.
    if (auto* x = find(report.provider))
      on_probe_result(*x, report);
    done(std::move(report));
  };
  const auto down = [judge, name = which.status.name, model = which.status.model](const caf::error& reason) {
    judge({.provider = name,
           .model = model,
           .error = errc::provider_error,
           .message = "the provider's actor is not there: " + to_string(reason)});
  };
  self_->mail(probe{})
    .request(context_.table->provider(which.status.name), caf::infinite)
    .then([judge](const probe_report& report) { judge(report); }, down);
}

void health_monitor_state::on_probe_result(entry& x, probe_report& report) {
  if (report.usable) {
    // It proves too little to be told to other nodes, or to stand against what they have seen.
    x.breaker.on_probe_success();
    update(x, std::nullopt, "a probe found it usable");
  } else {
    const auto error = report.error.value_or(errc::provider_error);
    note_error(x, error, report.message);
    // A model that is not there, or a circuit whose probe is under way, is as unusable as a server that is
    // down.
    if (counts_against_health(error) || x.status.state == health_state::unavailable)
      x.breaker.on_probe_failure(self_->clock().now());
    note_seen(x);
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
  all->promise = self_->template make_response_promise<health_report>();
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
    status.consecutive_failures = x.breaker.consecutive_failures();
    status.in_flight = static_cast<std::uint32_t>(x.running.size());
    status.ttft_p50 = x.ttft.percentile(50);
    status.ttft_p95 = x.ttft.percentile(95);
    status.latency_p50 = x.latency.percentile(50);
    status.latency_p95 = x.latency.percentile(95);
    result.providers.push_back(std::move(status));
  }
  return result;
}

void health_monitor_state::arm_timer() {
  std::optional<steady_time> next;
  for (const auto& x : entries_)
    if (const auto at = x.breaker.next_probe(); at && (!next || *at < *next))
      next = at;
  timer_.dispose();
  if (!next)
    return;
  const auto wait = std::max(*next - self_->clock().now(), steady_duration::zero());
  timer_ = self_->mail(probe_tick{}).delay(wait).send(health_monitor_actor{self_});
}

} // namespace magna
