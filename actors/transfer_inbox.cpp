#include <magna/actors/transfer_inbox.hpp>

#include <utility>

#include <caf/actor_cast.hpp>

#include <magna/messages/types.hpp>

namespace magna {

void transfer_inbox::take(content& out) {
  out.bytes.clear();
  const std::lock_guard guard{mutex_};
  out.head = std::exchange(waiting_.head, std::nullopt);
  out.bytes.swap(waiting_.bytes);
  out.ended = std::exchange(waiting_.ended, false);
  out.error = std::exchange(waiting_.error, std::nullopt);
  out.paused = std::exchange(waiting_.paused, false);
  wake_sent_ = false;
}

void transfer_inbox::on_head(http_head head) {
  std::unique_lock guard{mutex_};
  waiting_.head = std::move(head);
  wake(std::move(guard));
}

bool transfer_inbox::on_data(std::string_view bytes) {
  std::unique_lock guard{mutex_};
  waiting_.bytes.append(bytes);
  waiting_.paused = waiting_.bytes.size() >= limit_;
  const auto go_on = !waiting_.paused;
  wake(std::move(guard));
  return go_on;
}

void transfer_inbox::on_end(std::optional<transfer_error> error) {
  std::unique_lock guard{mutex_};
  waiting_.ended = true;
  waiting_.error = std::move(error);
  wake(std::move(guard));
}

void transfer_inbox::wake(std::unique_lock<std::mutex> guard) {
  if (std::exchange(wake_sent_, true))
    return;
  guard.unlock();
  if (const auto strong = caf::actor_cast<caf::strong_actor_ptr>(owner_))
    anon_mail(transfer_ready{}).send(caf::actor_cast<owner_actor>(strong));
}

} // namespace magna
