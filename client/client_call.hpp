#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <magna/client/call_actor.hpp>
#include <magna/client/expected.hpp>
#include <magna/messages/types.hpp>

namespace magna {

class call_board;

/// One request of a client: what its actor has received and the program has not yet taken. Shared by both;
/// outlives the client if the program still holds it. Thread-safe; one thread or coroutine at a time takes
/// from it, any may cancel.
///
///     service --chunk*, end--> call actor --deliver, end--> call <--next, result, when_ready-- program
///        '<----cancel, credit------'<-----------cancel, credit----'
///
/// The end comes once, whoever is first: the service, the actor that waited too long, or the client's end.
class client_call : public std::enable_shared_from_this<client_call> {
public:
  /// What a look at the stream finds.
  enum class look : std::uint8_t { text, nothing_yet, end };

  /// `window`: how many bytes of text may wait here, of a stream; absent: the answer is collected.
  client_call(std::string id, std::optional<std::uint64_t> window, std::shared_ptr<call_board> board);

  const std::string& id() const noexcept { return id_; }
  bool streams() const noexcept { return window_.has_value(); }

  // -- for the actor and the board

  void start(call_actor handle);
  void begin_attempt(const started& what);
  /// False: the answer has become too long to be kept.
  bool deliver(chunk what);
  /// Only the first one counts. The actor, if it is not the one who says so, ends too.
  void end(expected<completion> how);
  /// An end on our own account.
  failure make_failure(errc error, std::string message) const;
  void on_service_lost(const std::string& reason);

  // -- for the program

  /// The next piece; nothing: the stream is over. Blocks.
  std::optional<chunk> next();
  /// The same without blocking; `into` is set if there is one.
  look try_next(std::optional<chunk>& into);
  /// The attempt that the piece taken last is of.
  std::optional<started> attempt() const;
  /// How it ended, with the whole answer. Blocks until it has; pieces that were not taken can't be any more.
  expected<completion> result();
  /// Waits for the end. Returns whether it has come.
  bool wait_until(std::chrono::steady_clock::time_point limit) const;
  /// Whether there is something to take.
  bool is_ready() const;
  /// Whether nothing is left to take but the result.
  bool is_over() const;
  /// Has `then` called once, on the client's thread, when there is something to take. Returns false, and
  /// forgets it, if that is so already.
  bool when_ready(std::function<void()> then);
  void forget_ready();
  /// Has `then` called at the end, at once if it is over, wherever that happens: it must be quick and not
  /// throw.
  void at_end(std::function<void(const expected<completion>&)> then);
  /// Ends it early: text that was not taken is dropped, and the end is on its way.
  void cancel();

private:
  using lock = std::unique_lock<std::mutex>;

  bool has_something() const { return !pieces_.empty() || result_; }
  /// Grants what the program has taken, in pieces that are worth a message.
  void grant(std::size_t bytes);
  chunk take_front();
  /// Tells who waits. `last`: it is the end.
  void wake(lock guard, bool last = false);
  void run_ready();

  const std::string id_;
  const std::optional<std::uint64_t> window_;
  const std::shared_ptr<call_board> board_;

  struct piece {
    chunk what;
    /// Set if another attempt begins with it.
    std::optional<started> begins;
  };

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<piece> pieces_;
  /// Belongs to the next piece.
  std::optional<started> next_begins_;
  std::optional<started> attempt_;
  /// The text so far, for the result.
  std::string text_;
  /// Set by the first who ends it; the result follows.
  bool ended_ = false;
  std::optional<expected<completion>> result_;
  bool discards_ = false;
  /// Null before the start and after the end: nothing of the actor system is held for longer.
  call_actor actor_;
  std::function<void()> then_;
  bool posted_ = false;
  std::function<void(const expected<completion>&)> at_end_;
  std::uint64_t owed_ = 0;
  std::uint64_t delivered_chars_ = 0;
  std::string provider_;
};

using client_call_ptr = std::shared_ptr<client_call>;

} // namespace magna
