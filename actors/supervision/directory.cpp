#include <magna/actors/supervision/directory.hpp>

#include <algorithm>
#include <utility>

namespace magna {

namespace {

routes::provider& entry(routes& all, std::string_view name) {
  const auto found = std::ranges::find(all.providers, name, &routes::provider::name);
  if (found != all.providers.end())
    return *found;
  return all.providers.emplace_back(routes::provider{.name = std::string{name}, .handle = {}});
}

} // namespace

const routes::provider* routes::find(std::string_view name, std::size_t likely_at) const {
  if (likely_at < providers.size() && providers[likely_at].name == name)
    return &providers[likely_at];
  const auto found = std::ranges::find(providers, name, &provider::name);
  return found != providers.end() ? &*found : nullptr;
}

std::shared_ptr<const routes> directory::now() const {
  const std::lock_guard guard{mutex_};
  return routes_;
}

template <class F>
void directory::change(F f) {
  // What is released is released after the lock: the end of an actor may look things up here.
  std::shared_ptr<const routes> before;
  const std::lock_guard guard{mutex_};
  auto next = std::make_shared<routes>(*routes_);
  f(*next);
  before = std::exchange(routes_, std::move(next));
}

void directory::replace(std::shared_ptr<const settings> config,
                        const std::vector<std::pair<std::string, provider_actor>>& handles) {
  change([&](routes& all) {
    all.config = std::move(config);
    std::erase_if(all.providers, [&](const routes::provider& x) {
      return std::ranges::find(all.config->providers, x.name, &provider_settings::name)
             == all.config->providers.end();
    });
    for (const auto& [name, handle] : handles)
      entry(all, name).handle = handle;
  });
}

provider_actor directory::provider(std::string_view name) const {
  const auto all = now();
  const auto* found = all->find(name);
  return found != nullptr ? found->handle : provider_actor{};
}

void directory::set_provider(std::string_view name, provider_actor handle) {
  change([&](routes& all) { entry(all, name).handle = std::move(handle); });
}

void directory::set_health(std::string_view name, health_state state, std::optional<steady_time> rest_until) {
  // Every answer says so, and mostly nothing new.
  const auto before = now();
  const auto* known = before->find(name);
  if (known != nullptr && known->state == state && known->rest_until == rest_until)
    return;
  change([&](routes& all) {
    auto& found = entry(all, name);
    found.state = state;
    found.rest_until = rest_until;
  });
}

std::optional<steady_duration> directory::late_after(std::string_view name) const {
  const std::lock_guard guard{mutex_};
  const auto found = figures_.find(name);
  return found != figures_.end() ? found->second.late_after : std::nullopt;
}

void directory::set_late_after(std::string_view name, std::optional<steady_duration> value) {
  const std::lock_guard guard{mutex_};
  figures_of(name).late_after = value;
}

void directory::count_first_attempt(std::string_view name, steady_time now) {
  const std::lock_guard guard{mutex_};
  figures_of(name).budget.on_first_attempt(now);
}

bool directory::take_retry(std::string_view name, steady_time now) {
  const std::lock_guard guard{mutex_};
  if (!routes_->config)
    return true;
  return figures_of(name).budget.take(routes_->config->retry_budget, now);
}

health_monitor_actor directory::health_monitor() const {
  const std::lock_guard guard{mutex_};
  return health_monitor_;
}

void directory::set_health_monitor(health_monitor_actor handle) {
  const std::lock_guard guard{mutex_};
  std::swap(health_monitor_, handle);
}

std::vector<health_subscriber_actor> directory::subscribers() const {
  const std::lock_guard guard{mutex_};
  return subscribers_;
}

void directory::add_subscriber(const health_subscriber_actor& who) {
  const std::lock_guard guard{mutex_};
  if (std::ranges::find(subscribers_, who) == subscribers_.end())
    subscribers_.push_back(who);
}

void directory::remove_subscriber(const caf::actor_addr& who) {
  // What is released is released after the lock.
  health_subscriber_actor released;
  const std::lock_guard guard{mutex_};
  const auto found = std::ranges::find(subscribers_, who, &health_subscriber_actor::address);
  if (found == subscribers_.end())
    return;
  released = std::move(*found);
  subscribers_.erase(found);
}

orchestrator_actor directory::orchestrator() const {
  const std::lock_guard guard{mutex_};
  return orchestrator_;
}

void directory::set_orchestrator(orchestrator_actor handle) {
  const std::lock_guard guard{mutex_};
  std::swap(orchestrator_, handle);
}

void directory::clear() {
  change([](routes& all) { all.providers.clear(); });
  health_monitor_actor monitor;
  std::vector<health_subscriber_actor> subscribers;
  orchestrator_actor front;
  const std::lock_guard guard{mutex_};
  std::swap(health_monitor_, monitor);
  subscribers_.swap(subscribers);
  std::swap(orchestrator_, front);
}

directory::figures& directory::figures_of(std::string_view name) {
  const auto found = figures_.find(name);
  return found != figures_.end() ? found->second : figures_.emplace(name, figures{}).first->second;
}

} // namespace magna
