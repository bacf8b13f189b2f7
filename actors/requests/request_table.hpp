#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <caf/actor_addr.hpp>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/actors.hpp>

namespace magna {

/// The requests that run, by ID. Like the directory it outlives the actor that writes it: an orchestrator
/// that was restarted takes over the requests of the one before. Thread-safe.
class request_table {
public:
  struct entry {
    generation_actor generation;
    /// Who receives the stream, or waits for the collected answer. Null address: nobody knows.
    caf::actor_addr requester;
    bool streams = false;
    steady_time arrived{};
    /// As the generation counts them.
    std::shared_ptr<const std::atomic<std::uint64_t>> delivered_chars;
  };
  using entries = std::unordered_map<std::string, entry>;

  std::optional<entry> find(const std::string& id) const;
  entries all() const;
  /// Those of one requester. It is asked for at every requester's end, so nothing else is copied.
  entries of(const caf::actor_addr& requester) const;
  std::size_t size() const;

  void add(const std::string& id, entry value);
  /// Takes the entry out and returns it, unless its ID belongs to another request by now.
  std::optional<entry> remove(const std::string& id, const caf::actor_addr& generation);

  /// Forgets all: requests and their references to this table would keep each other alive.
  void clear();

private:
  mutable std::mutex mutex_;
  entries entries_;
};

} // namespace magna
