#include <magna/actors/requests/transfer_inbox.hpp>

#include <algorithm>
#include <utility>

#include <caf/actor_cast.hpp>

#include <magna/messages/types.hpp>

namespace magna {

void transfer_inbox::take(content& out) {
  out.bytes.clear();
  const mutex_lock guard{mutex_};
  out.head = std::exchange(waiting_.head, std::nullopt);
  out.bytes.swap(waiting_.bytes);
  taken_ = out.bytes.size();
  out.ended = std::exchange(waiting_.ended, false);
  out.error = std::exchange(waiting_.error, std::nullopt);
  out.paused = std::exchange(waiting_.paused, false);
  wake_sent_ = false;
}

void transfer_inbox::on_head(http_head head) {
  {
    const mutex_lock guard{mutex_};
    // Copied, so that each thread frees what it has allocated.
    auto lines = std::exchange(head_lines_, {});
    lines.assign(head.lines);
    head.lines.swap(lines);
    waiting_.head = std::move(head);
    if (std::exchange(wake_sent_, true))
      return;
  }
  wake();
}

bool transfer_inbox::on_data(std::string_view bytes) {
  auto go_on = true;
  {
    const mutex_lock guard{mutex_};
    auto& waiting = waiting_.bytes;
    if (const auto needed = waiting.size() + bytes.size(); needed > waiting.capacity()) {
      // A string that grows by itself doubles, which would be twice of all that ever comes.
      std::string roomier;
      roomier.reserve(std::max(needed, std::min(2 * needed, limit_)));
      waiting.swap(roomier.append(waiting));
    }
    waiting.append(bytes);
    go_on = taken_ + waiting.size() < limit_;
    waiting_.paused = !go_on;
    if (std::exchange(wake_sent_, true))
      return go_on;
  }
  wake();
  return go_on;
}

void transfer_inbox::on_end(std::optional<transfer_error> error) {
  {
    const mutex_lock guard{mutex_};
    waiting_.ended = true;
    waiting_.error = std::move(error);
    if (std::exchange(wake_sent_, true))
      return;
  }
  wake();
}

void transfer_inbox::wake() {
  if (const auto strong = caf::actor_cast<caf::strong_actor_ptr>(owner_))
    anon_mail(transfer_ready{}).send(caf::actor_cast<owner_actor>(strong));
}

} // namespace magna
