#include <magna/actors/requests/request_table.hpp>

#include <utility>

namespace magna {

std::optional<request_table::entry> request_table::find(const std::string& id) const {
  const mutex_lock guard{mutex_};
  const auto found = entries_.find(id);
  return found != entries_.end() ? std::optional{found->second} : std::nullopt;
}

request_table::entries request_table::all() const {
  const mutex_lock guard{mutex_};
  return entries_;
}

std::vector<std::pair<std::string, generation_actor>>
request_table::of(const caf::actor_addr& requester) const {
  std::vector<std::pair<std::string, generation_actor>> result;
  const mutex_lock guard{mutex_};
  const auto found = by_requester_.find(requester);
  if (found == by_requester_.end())
    return result;
  result.reserve(found->second.size());
  for (const auto& id : found->second)
    result.emplace_back(id, entries_.at(id).generation);
  return result;
}

std::size_t request_table::size() const {
  const mutex_lock guard{mutex_};
  return entries_.size();
}

void request_table::add(const std::string& id, entry value) {
  const mutex_lock guard{mutex_};
  if (value.requester)
    by_requester_[value.requester].insert(id);
  entries_.insert_or_assign(id, std::move(value));
}

std::optional<request_table::entry> request_table::remove(const std::string& id,
                                                          const caf::actor_addr& generation) {
  const mutex_lock guard{mutex_};
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.generation.address() != generation)
    return std::nullopt;
  auto taken = std::move(entries_.extract(found).mapped());
  if (const auto owner = by_requester_.find(taken.requester); owner != by_requester_.end()) {
    owner->second.erase(id);
    if (owner->second.empty())
      by_requester_.erase(owner);
  }
  return taken;
}

void request_table::clear() {
  // The handles are released after the lock: the end of an actor may look things up here.
  entries gone;
  const mutex_lock guard{mutex_};
  gone.swap(entries_);
  by_requester_.clear();
}

} // namespace magna
