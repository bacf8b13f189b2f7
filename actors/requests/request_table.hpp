#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <caf/actor_addr.hpp>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/actors.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// The requests that run, by ID and by requester. Like the routing table it outlives the actor that writes
/// it: an orchestrator that was restarted takes over the requests of the one before. What it costs to enter,
/// find or take out a request does not depend on how many run. Thread-safe.
class request_table {
public:
  struct entry {
    generation_actor generation;
    /// The actor that receives the stream, or waits for the collected answer. Null address: it is not known.
    caf::actor_addr requester;
    steady_time arrived{};
  };
  using entries = std::unordered_map<std::string, entry>;

  std::optional<entry> find(const std::string& id) const;
  entries all() const;
  /// The requests of one requester.
  std::vector<std::pair<std::string, generation_actor>> of(const caf::actor_addr& requester) const;
  std::size_t size() const;

  void add(const std::string& id, entry value);
  /// Takes the entry out and returns it, unless its ID belongs to another request by now.
  std::optional<entry> remove(const std::string& id, const caf::actor_addr& generation);

  /// Forgets all: requests and their references to this table would keep each other alive.
  void clear();

private:
  mutable mutex mutex_;
  entries entries_ MAGNA_GUARDED_BY(mutex_);
  std::unordered_map<caf::actor_addr, std::unordered_set<std::string>> by_requester_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace magna
