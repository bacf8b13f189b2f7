#pragma once

#include <optional>
#include <string>

#include <caf/actor_control_block.hpp>
#include <caf/typed_actor.hpp>

#include <magna/messages/actors.hpp>
#include <magna/providers/transport/transport.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// The bridge from the transport's thread to an actor: what arrives is kept here, and the actor gets one
/// transfer_ready for all that came since it last looked. Past `limit` bytes the transfer is paused, so
/// memory stays bounded; what the actor took last counts as well, since it takes more only when it has used
/// that up. Holds its owner weakly: a transfer never keeps an actor alive.
class transfer_inbox : public transfer_listener {
public:
  /// Who is woken.
  using owner_actor = caf::typed_actor<caf::result<void>(transfer_ready)>;

  static constexpr std::size_t default_limit = std::size_t{24} << 10;

  /// Room for so many bytes is made at once, by the caller's thread, and for the head: what one thread
  /// allocates and another one frees costs both of them the allocator's lock.
  explicit transfer_inbox(caf::weak_actor_ptr owner, std::size_t limit = default_limit,
                          std::size_t expected = 0)
    : owner_(std::move(owner)), limit_(limit) {
    waiting_.bytes.reserve(expected);
    head_lines_.reserve(usual_head);
  }

  struct content {
    std::optional<http_head> head;
    std::string bytes;
    bool ended = false;
    std::optional<transfer_error> error;
    /// The transfer waits for transport::resume.
    bool paused = false;

    bool empty() const noexcept { return !head && bytes.empty() && !ended; }
  };

  /// Moves everything that waits into `out`, whose buffer is reused. `ended` is reported once, after the last
  /// bytes.
  void take(content& out);

  void on_head(http_head head) override;
  bool on_data(std::string_view bytes) override;
  void on_end(std::optional<transfer_error> error) override;

private:
  static constexpr std::size_t usual_head = 240;

  void wake();

  const caf::weak_actor_ptr owner_;
  const std::size_t limit_;
  mutex mutex_;
  content waiting_ MAGNA_GUARDED_BY(mutex_);
  /// Room for those of the head, before it comes.
  std::string head_lines_ MAGNA_GUARDED_BY(mutex_);
  /// Bytes of the last `take`.
  std::size_t taken_ MAGNA_GUARDED_BY(mutex_) = 0;
  bool wake_sent_ MAGNA_GUARDED_BY(mutex_) = false;
};

} // namespace magna
