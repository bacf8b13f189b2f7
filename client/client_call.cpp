#include <magna/client/client_call.hpp>

#include <algorithm>
#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <magna/client/call_board.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

client_call::client_call(std::string id, std::optional<std::uint64_t> window,
                         std::shared_ptr<call_board> board)
  : id_(std::move(id)), window_(window), board_(std::move(board)) {}

// -- for the actor and the board ----------------------------------------------------------------------------

void client_call::start(call_actor handle) {
  const lock guard{mutex_};
  if (!ended_)
    actor_ = std::move(handle);
}

void client_call::deliver(const chunk& what) {
  lock guard{mutex_};
  delivered_chars_ += count_characters(what.text);
  provider_ = what.provider;
  if (ended_ || discards_)
    return;
  chunks_.push_back(what);
  wake(std::move(guard));
}

void client_call::end(expected<completion> how) {
  {
    const lock guard{mutex_};
    if (std::exchange(ended_, true))
      return;
  }
  // Before anybody is told: who has the answer may ask at once who gave it.
  if (how)
    board_->note_provider(how->provider);
  call_actor actor;
  std::function<void(const expected<completion>&)> last;
  {
    lock guard{mutex_};
    result_ = how;
    actor = std::exchange(actor_, nullptr);
    last = std::exchange(at_end_, nullptr);
    wake(std::move(guard), true);
  }
  if (last)
    last(how);
  if (actor)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  actor = nullptr;
  board_->remove(*this);
}

failure client_call::make_failure(errc error, std::string message) const {
  const lock guard{mutex_};
  return {.request_id = id_,
          .error = error,
          .message = std::move(message),
          .provider = provider_,
          .retryable = error != errc::cancelled,
          .delivered_chars = delivered_chars_};
}

void client_call::on_service_lost(const std::string& reason) {
  const lock guard{mutex_};
  if (actor_)
    anon_mail(node_down{{}, reason}).send(actor_);
}

// -- for the program ----------------------------------------------------------------------------------------

std::optional<chunk> client_call::next() {
  lock guard{mutex_};
  changed_.wait(guard, [this] { return has_something(); });
  if (chunks_.empty())
    return std::nullopt;
  return take_front();
}

client_call::look client_call::try_next(std::optional<chunk>& into) {
  const lock guard{mutex_};
  if (chunks_.empty())
    return result_ ? look::end : look::nothing_yet;
  into = take_front();
  return look::text;
}

expected<completion> client_call::result() {
  lock guard{mutex_};
  for (;;) {
    while (!chunks_.empty())
      take_front();
    if (result_)
      return *result_;
    changed_.wait(guard, [this] { return has_something(); });
  }
}

bool client_call::wait_until(std::chrono::steady_clock::time_point limit) const {
  lock guard{mutex_};
  return changed_.wait_until(guard, limit, [this] { return result_.has_value(); });
}

bool client_call::is_ready() const {
  const lock guard{mutex_};
  return has_something();
}

bool client_call::is_over() const {
  const lock guard{mutex_};
  return chunks_.empty() && result_;
}

bool client_call::when_ready(std::function<void()> then) {
  const lock guard{mutex_};
  if (has_something())
    return false;
  then_ = std::move(then);
  return true;
}

void client_call::forget_ready() {
  const lock guard{mutex_};
  then_ = nullptr;
}

void client_call::at_end(std::function<void(const expected<completion>&)> then) {
  {
    const lock guard{mutex_};
    if (!result_) {
      at_end_ = std::move(then);
      return;
    }
  }
  then(*result_);
}

void client_call::cancel() {
  const lock guard{mutex_};
  discards_ = true;
  chunks_.clear();
  if (actor_)
    anon_mail(magna::cancel{id_}).send(actor_);
}

chunk client_call::take_front() {
  auto result = std::move(chunks_.front());
  chunks_.pop_front();
  grant(result.text.size());
  return result;
}

void client_call::grant(std::size_t bytes) {
  owed_ += bytes;
  if (!window_ || !actor_ || owed_ < std::max<std::uint64_t>(*window_ / 2, 1))
    return;
  anon_mail(credit{id_, std::exchange(owed_, 0)}).send(actor_);
}

void client_call::wake(lock guard, bool last) {
  // A thread that has delivered text may still be about to post, and come too late for a client that closes:
  // the end relies on nobody.
  const auto post = then_ && (last || !posted_);
  posted_ = posted_ || post;
  guard.unlock();
  changed_.notify_all();
  if (post)
    board_->news().post([self = shared_from_this()] { self->run_ready(); });
}

void client_call::run_ready() {
  std::function<void()> then;
  {
    const lock guard{mutex_};
    posted_ = false;
    // Somebody else may have taken what it was about.
    if (has_something())
      then = std::exchange(then_, nullptr);
  }
  if (then)
    then();
}

} // namespace magna
