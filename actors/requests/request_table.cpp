#include <magna/actors/requests/request_table.hpp>

#include <utility>

namespace magna {

std::optional<request_table::entry> request_table::find(const std::string& id) const {
  const std::lock_guard guard{mutex_};
  const auto found = entries_.find(id);
  return found != entries_.end() ? std::optional{found->second} : std::nullopt;
}

request_table::entries request_table::all() const {
  const std::lock_guard guard{mutex_};
  return entries_;
}

request_table::entries request_table::of(const caf::actor_addr& requester) const {
  entries result;
  const std::lock_guard guard{mutex_};
  for (const auto& [id, value] : entries_)
    if (value.requester == requester)
      result.emplace(id, value);
  return result;
}

std::size_t request_table::size() const {
  const std::lock_guard guard{mutex_};
  return entries_.size();
}

void request_table::add(const std::string& id, entry value) {
  const std::lock_guard guard{mutex_};
  entries_.insert_or_assign(id, std::move(value));
}

std::optional<request_table::entry> request_table::remove(const std::string& id,
                                                          const caf::actor_addr& generation) {
  const std::lock_guard guard{mutex_};
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.generation.address() != generation)
    return std::nullopt;
  return std::move(entries_.extract(found).mapped());
}

void request_table::clear() {
  // The handles are released after the lock: the end of an actor may look things up here.
  entries gone;
  const std::lock_guard guard{mutex_};
  gone.swap(entries_);
}

} // namespace magna
