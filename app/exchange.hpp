#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <caf/actor_system.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>

namespace magna::app {

/// One streamed request, for a thread that is no actor: a requester actor fills a queue, and the thread empties it.
/// `next` and the destructor belong to one thread; `grant` and `cancel` may be called from any.
class exchange {
public:
  /// What comes: the request's ID first, then chunks, then exactly one end. `std::monostate` when the
  /// time given to `next` is over.
  using event = std::variant<std::monostate, std::string, chunk, completion, failure>;

  /// Sends the request. One that is refused at once ends in a failure, too.
  exchange(caf::actor_system& sys, const orchestrator_actor& front, request what);

  /// Cancels the request if it still runs.
  ~exchange();

  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  /// Waits for the next event, for ever if no time is given.
  event next(std::optional<std::chrono::milliseconds> at_most = std::nullopt);

  /// Lets `bytes` more of the text come.
  void grant(std::uint64_t bytes);

  void cancel();

private:
  class queue;
  std::shared_ptr<queue> queue_;
};

} // namespace magna::app
