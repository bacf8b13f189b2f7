#include <magna/actors/directory.hpp>

#include <algorithm>

namespace magna {

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

} // namespace magna
