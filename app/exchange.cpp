#include <magna/app/exchange.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include <caf/typed_event_based_actor.hpp>

#include <magna/messages/types.hpp>

namespace magna::app {

class exchange::queue {
public:
  void push(event what) {
    {
      const std::lock_guard guard{mutex_};
      over_ = over_ || std::holds_alternative<completion>(what) || std::holds_alternative<failure>(what);
      events_.push_back(std::move(what));
    }
    filled_.notify_one();
  }

  event pop(std::optional<std::chrono::milliseconds> at_most) {
    std::unique_lock guard{mutex_};
    const auto ready = [this] { return !events_.empty(); };
    if (!at_most)
      filled_.wait(guard, ready);
    else if (!filled_.wait_for(guard, *at_most, ready))
      return {};
    auto result = std::move(events_.front());
    events_.pop_front();
    return result;
  }

  void open(const accepted& what) {
    {
      const std::lock_guard guard{mutex_};
      opened_ = what;
      if (!cancel_asked_) {
        if (held_grant_ > 0)
          anon_mail(magna::credit{what.request_id, std::exchange(held_grant_, 0)}).send(what.control);
      } else if (!over_) {
        anon_mail(magna::cancel{what.request_id}).send(what.control);
      }
    }
    push(what.request_id);
  }

  void grant(std::uint64_t bytes) {
    const std::lock_guard guard{mutex_};
    if (opened_)
      anon_mail(magna::credit{opened_->request_id, bytes}).send(opened_->control);
    else
      held_grant_ += bytes;
  }

  void cancel() {
    const std::lock_guard guard{mutex_};
    if (over_ || std::exchange(cancel_asked_, true))
      return;
    if (opened_)
      anon_mail(magna::cancel{opened_->request_id}).send(opened_->control);
  }

private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<event> events_;
  std::optional<accepted> opened_;
  std::uint64_t held_grant_ = 0;
  bool cancel_asked_ = false;
  bool over_ = false;
};

namespace {

/// Fills the queue and ends with the request.
template <class Queue>
struct asker_state {
  using handle_type = requester_actor;
  static constexpr const char* name = "magna.app.asker";

  asker_state(self_pointer<requester_actor> self, std::shared_ptr<Queue> queue, orchestrator_actor front, request what)
    : self_(self), queue_(std::move(queue)), front_(std::move(front)), what_(std::move(what)) {}

  requester_actor::behavior_type make_behavior() {
    self_->mail(std::move(what_), requester_actor{self_})
      .request(front_, caf::infinite)
      .then([this](const accepted& x) { queue_->open(x); },
            [this](const caf::error& reason) {
              failure end{.error = errc::overloaded, .message = "the runtime is not running"};
              if (const auto context = caf::make_const_typed_message_view<failure>(reason.context()))
                end = caf::get<0>(context);
              finish(std::move(end));
            });
    return {
      [this](const chunk& x) { queue_->push(x); },
      [this](const completion& x) { finish(x); },
      [this](const failure& x) { finish(x); },
    };
  }

  template <class End>
  void finish(End end) {
    queue_->push(std::move(end));
    self_->quit();
  }

  self_pointer<requester_actor> self_;
  std::shared_ptr<Queue> queue_;
  orchestrator_actor front_;
  request what_;
};

} // namespace

exchange::exchange(caf::actor_system& sys, const orchestrator_actor& front, request what)
  : queue_(std::make_shared<queue>()) {
  spawn_state<asker_state<queue>>(sys, queue_, front, std::move(what));
}

exchange::~exchange() {
  cancel();
}

exchange::event exchange::next(std::optional<std::chrono::milliseconds> at_most) {
  return queue_->pop(at_most);
}

void exchange::grant(std::uint64_t bytes) {
  queue_->grant(bytes);
}

void exchange::cancel() {
  queue_->cancel();
}

} // namespace magna::app
