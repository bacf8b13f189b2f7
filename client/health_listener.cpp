#include <magna/client/health_listener.hpp>

#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <magna/client/call_board.hpp>

namespace magna {

health_listener::health_listener(std::function<void(const health_event&)> callback,
                                 std::shared_ptr<call_board> board)
  : callback_(std::move(callback)), board_(std::move(board)) {}

void health_listener::start(health_subscriber_actor actor) {
  const mutex_lock guard{mutex_};
  actor_ = std::move(actor);
}

void health_listener::hear(const health_event& what) {
  board_->news().post([self = shared_from_this(), what] { self->tell(what); });
}

void health_listener::detach() {
  const mutex_lock guard{mutex_};
  if (actor_)
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

void health_listener::stop() {
  detach();
  const std::lock_guard guard{telling_};
  stopped_ = true;
}

void health_listener::tell(const health_event& what) {
  const std::lock_guard guard{telling_};
  if (!stopped_)
    callback_(what);
}

health_listener_state::health_listener_state(self_pointer<health_subscriber_actor>,
                                             std::shared_ptr<health_listener> target)
  : target_(std::move(target)) {}

health_subscriber_actor::behavior_type health_listener_state::make_behavior() {
  return {[this](const health_event& what) { target_->hear(what); }};
}

} // namespace magna
