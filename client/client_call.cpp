#include <magna/client/client_call.hpp>

#include <algorithm>
#include <utility>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <magna/client/call_board.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace {

/// In bytes. An answer that comes whole has no more either.
constexpr std::size_t longest_text = std::size_t{32} << 20;

} // namespace

client_call::client_call(std::string id, std::optional<std::uint64_t> window,
                         std::shared_ptr<call_board> board)
  : id_(std::move(id)), window_(window), board_(std::move(board)) {}

// -- for the actor and the board ----------------------------------------------------------------------------

void client_call::start(call_actor handle) {
  const lock guard{mutex_};
  if (!ended_)
    actor_ = std::move(handle);
}

void client_call::begin_attempt(const started& what) {
  const lock guard{mutex_};
  provider_ = what.provider;
  next_begins_ = what;
}

bool client_call::deliver(chunk what) {
  lock guard{mutex_};
  if (ended_)
    return true;
  for (const auto& x : what.parts) {
    if (x.kind != part_kind::reasoning)
      delivered_chars_ += count_characters(x.bytes);
    if (x.kind == part_kind::text)
      text_ += x.bytes;
  }
  const auto fits = text_.size() <= longest_text;
  if (discards_)
    return fits;
  pieces_.push_back({std::move(what), std::exchange(next_begins_, std::nullopt)});
  wake(std::move(guard));
  return fits;
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
    // What went out in pieces belongs to the answer.
    if (how && how->text.empty())
      how->text = std::move(text_);
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
  if (pieces_.empty())
    return std::nullopt;
  return take_front();
}

client_call::look client_call::try_next(std::optional<chunk>& into) {
  const lock guard{mutex_};
  if (pieces_.empty())
    return result_ ? look::end : look::nothing_yet;
  into = take_front();
  return look::text;
}

std::optional<started> client_call::attempt() const {
  const lock guard{mutex_};
  return attempt_;
}

expected<completion> client_call::result() {
  lock guard{mutex_};
  for (;;) {
    while (!pieces_.empty())
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
  return pieces_.empty() && result_;
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
  pieces_.clear();
  if (actor_)
    anon_mail(magna::cancel{id_}).send(actor_);
}

chunk client_call::take_front() {
  auto front = std::move(pieces_.front());
  pieces_.pop_front();
  if (front.begins)
    attempt_ = std::move(front.begins);
  std::size_t size = 0;
  for (const auto& x : front.what.parts)
    size += x.size();
  grant(size);
  return std::move(front.what);
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
