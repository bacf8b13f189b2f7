#include <magna/actors/supervision/routing_table.hpp>

#include <algorithm>
#include <utility>

namespace magna {

const routes::provider* routes::find(std::string_view name, std::size_t likely_at) const {
  if (likely_at < providers.size() && providers[likely_at].name == name)
    return &providers[likely_at];
  const auto found = std::ranges::find(providers, name, &provider::name);
  return found != providers.end() ? &*found : nullptr;
}

routes_ptr routing_table::now() const {
  const mutex_lock guard{mutex_};
  return routes_;
}

routes::provider& routing_table::entry(routes& all, std::string_view name) {
  const auto found = std::ranges::find(all.providers, name, &routes::provider::name);
  if (found != all.providers.end())
    return *found;
  return all.providers.emplace_back(
    routes::provider{.name = std::string{name}, .handle = {}, .meter = meter_of(name)});
}

const std::shared_ptr<provider_meter>& routing_table::meter_of(std::string_view name) {
  const auto found = meters_.find(name);
  if (found != meters_.end())
    return found->second;
  return meters_.emplace(name, std::make_shared<provider_meter>()).first->second;
}

std::shared_ptr<provider_meter> routing_table::meter(std::string_view name) {
  const mutex_lock guard{mutex_};
  return meter_of(name);
}

template <class F>
void routing_table::change(F f) {
  // What is released is released after the lock: the end of an actor may look things up here.
  routes_ptr before;
  const mutex_lock guard{mutex_};
  auto next = std::make_shared<routes>(*routes_);
  ++next->version;
  f(*next);
  version_.store(next->version, std::memory_order_release);
  before = std::exchange(routes_, std::move(next));
}

void routing_table::replace(std::shared_ptr<const settings> config,
                            const std::vector<std::pair<std::string, provider_actor>>& handles) {
  change([&](routes& all) MAGNA_REQUIRES(mutex_) {
    all.config = std::move(config);
    const auto is_gone = [&all](const std::string& name) {
      return std::ranges::find(all.config->providers, name, &provider_settings::name)
             == all.config->providers.end();
    };
    std::erase_if(all.providers, [&](const routes::provider& x) { return is_gone(x.name); });
    std::erase_if(meters_, [&](const auto& x) { return is_gone(x.first); });
    for (const auto& provider : all.config->providers)
      entry(all, provider.name);
    for (const auto& [name, handle] : handles)
      entry(all, name).handle = handle;
  });
}

provider_actor routing_table::provider(std::string_view name) const {
  const auto all = now();
  const auto* found = all->find(name);
  return found != nullptr ? found->handle : provider_actor{};
}

void routing_table::set_provider(std::string_view name, provider_actor handle) {
  change([&](routes& all) MAGNA_REQUIRES(mutex_) { entry(all, name).handle = std::move(handle); });
}

void routing_table::set_health(std::string_view name, health_state state,
                               std::optional<steady_time> rest_until) {
  // Every failure says so, and often nothing new.
  const auto before = now();
  const auto* known = before->find(name);
  if (known != nullptr && known->state == state && known->rest_until == rest_until)
    return;
  change([&](routes& all) MAGNA_REQUIRES(mutex_) {
    auto& found = entry(all, name);
    found.state = state;
    found.rest_until = rest_until;
  });
}

void routing_table::set_health_monitor(health_monitor_actor handle) {
  change([&](routes& all) { all.health_monitor = std::move(handle); });
}

void routing_table::set_orchestrator(orchestrator_actor handle) {
  change([&](routes& all) { all.orchestrator = std::move(handle); });
}

void routing_table::clear() {
  change([](routes& all) {
    all.providers.clear();
    all.health_monitor = nullptr;
    all.orchestrator = nullptr;
  });
}

} // namespace magna
