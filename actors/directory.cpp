#include <magna/actors/directory.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace magna {

std::shared_ptr<const settings> directory::config() const {
  const std::lock_guard guard{mutex_};
  return config_;
}

void directory::set_config(std::shared_ptr<const settings> config) {
  // What is released is released after the lock: the end of an actor may look things up here.
  std::vector<provider_entry> gone;
  const std::lock_guard guard{mutex_};
  std::swap(config_, config);
  const auto is_known = [this](const provider_entry& x) {
    return std::ranges::find(config_->providers, x.name, &provider_settings::name)
           != config_->providers.end();
  };
  const auto first_gone = std::stable_partition(providers_.begin(), providers_.end(), is_known);
  std::move(first_gone, providers_.end(), std::back_inserter(gone));
  providers_.erase(first_gone, providers_.end());
}

std::vector<directory::provider_entry> directory::providers() const {
  const std::lock_guard guard{mutex_};
  return providers_;
}

provider_actor directory::provider(std::string_view name) const {
  const std::lock_guard guard{mutex_};
  const auto found = std::find_if(providers_.begin(), providers_.end(),
                                  [name](const provider_entry& x) { return x.name == name; });
  return found != providers_.end() ? found->handle : provider_actor{};
}

void directory::set_provider(std::string_view name, provider_actor handle) {
  const std::lock_guard guard{mutex_};
  // The old handle is released after the lock: the end of an actor may look things up here.
  std::swap(entry(name).handle, handle);
}

void directory::set_health(std::string_view name, health_state state, std::optional<steady_time> rest_until) {
  const std::lock_guard guard{mutex_};
  auto& found = entry(name);
  found.state = state;
  found.rest_until = rest_until;
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
  if (!config_)
    return true;
  return figures_of(name).budget.take(config_->retry_budget, now);
}

health_monitor_actor directory::health_monitor() const {
  const std::lock_guard guard{mutex_};
  return health_monitor_;
}

void directory::set_health_monitor(health_monitor_actor handle) {
  const std::lock_guard guard{mutex_};
  std::swap(health_monitor_, handle);
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
  decltype(providers_) providers;
  health_monitor_actor monitor;
  orchestrator_actor front;
  const std::lock_guard guard{mutex_};
  providers.swap(providers_);
  std::swap(health_monitor_, monitor);
  std::swap(orchestrator_, front);
}

directory::provider_entry& directory::entry(std::string_view name) {
  const auto found = std::find_if(providers_.begin(), providers_.end(),
                                  [name](const provider_entry& x) { return x.name == name; });
  if (found != providers_.end())
    return *found;
  providers_.push_back({std::string{name}, {}, health_state::unknown, std::nullopt});
  return providers_.back();
}

directory::figures& directory::figures_of(std::string_view name) {
  const auto found = figures_.find(name);
  return found != figures_.end() ? found->second : figures_.emplace(name, figures{}).first->second;
}

} // namespace magna
