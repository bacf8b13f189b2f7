#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <magna/actors/runtime.hpp>
#include <magna/actors/supervision/alarm_clock.hpp>
#include <magna/client/call_board.hpp>
#include <magna/client/client.hpp>
#include <magna/messages/caf_guest.hpp>
#include <magna/messages/node_address.hpp>

namespace magna {

/// What a client owns. Its parts end in this order: requests, the thread of callbacks, magna's actors, the
/// actor system.
class client::impl {
public:
  template <class... Ts>
  static std::unique_ptr<impl> make(Ts&&... xs) {
    const caf_guest guest;
    return std::make_unique<impl>(std::forward<Ts>(xs)...);
  }

  /// magna in an actor system of its own, or in `borrowed`.
  impl(settings config, const tls_files& tls, caf::actor_system* borrowed,
       std::vector<std::shared_ptr<observer>> observers);
  /// Nodes, in an actor system of its own.
  impl(std::vector<node_address> nodes, const tls_files& tls);
  /// A service that runs already.
  impl(caf::actor_system& borrowed, service_actor service);
  ~impl();

  /// Ends all requests and tells who waits for them, who may ask again meanwhile, and is refused.
  void close();

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  client_call_ptr start(request what, bool streams, std::optional<milliseconds> timeout);

  template <class Report, class Query>
  expected<Report> ask(const Query& what, milliseconds timeout) const;

  subscription subscribe(std::function<void(const health_event&)> callback);

  call_board& board() noexcept { return *board_; }
  /// Null: the service is another's.
  runtime* llm() noexcept { return runtime_.get(); }

private:
  caf::actor_system& own_system(const tls_files* network);

  const std::shared_ptr<call_board> board_ = std::make_shared<call_board>();
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> own_;
  caf::actor_system& system_;
  const std::shared_ptr<alarm_clock> alarms_ = std::make_shared<alarm_clock>(system_);
  std::unique_ptr<runtime> runtime_;
  connection_actor way_;
  service_actor service_;
};

} // namespace magna
