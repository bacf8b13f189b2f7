#pragma once

#include <coroutine>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include <magna/client/expected.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/response.hpp>

namespace magna {

class client_call;

/// The next piece of a stream, to wait for with `co_await`, or with `get`. Nothing: the stream is
/// over, and `answer_stream::result` says how it ended.
class [[nodiscard]] MAGNA_EXPORT pending_chunk {
public:
  /// Made by `answer_stream::next`.
  explicit pending_chunk(std::shared_ptr<client_call> what) noexcept;
  ~pending_chunk();
  pending_chunk(const pending_chunk&) = delete;
  pending_chunk& operator=(const pending_chunk&) = delete;

  /// Blocks.
  std::optional<chunk> get() const;

  /// The coroutine goes on as with `pending_answer`.
  bool await_ready() const;
  bool await_suspend(std::coroutine_handle<> who);
  std::optional<chunk> await_resume() const;

private:
  std::shared_ptr<client_call> call_;
};

/// An answer as it comes: a range of chunks to go through once, waiting for each.
///
///     auto answer = llm.stream("Why is the sky blue?");
///     for (const auto& chunk : answer)
///       std::cout << chunk.text() << std::flush;
///     if (const auto end = answer.result(); !end)
///       std::cerr << end.error().message;
///
/// Leaving the loop is not an end, but destroying the stream is: it cancels the request. A program that reads
/// slowly slows the provider down; no more than the request's `initial_credit` (64 KiB if it names none) and
/// one piece of the provider's wait in memory. Text that was read is kept for the result, 32 MiB at most. Any thread may call `cancel`; all else is for one thread or
/// coroutine at a time. Only destroy or assign one that was moved from.
class [[nodiscard]] MAGNA_EXPORT answer_stream {
public:
  /// Where a loop over the stream is: an input iterator.
  class iterator {
  public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = chunk;
    using difference_type = std::ptrdiff_t;

    iterator() = default;

    /// The piece that came last. Good until the next `++`.
    const chunk& operator*() const noexcept { return *current_; }
    /// The same.
    const chunk* operator->() const noexcept { return &*current_; }
    /// Blocks until there is more, or the end.
    iterator& operator++();
    /// The same.
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return !current_; }

  private:
    friend answer_stream;
    explicit iterator(client_call* what);

    client_call* call_ = nullptr;
    std::optional<chunk> current_;
  };

  /// Made by `client::stream`.
  explicit answer_stream(std::shared_ptr<client_call> what) noexcept;
  ~answer_stream();
  /// Takes the stream over.
  answer_stream(answer_stream&& other) noexcept;
  /// Takes the stream over; a request that this had is cancelled.
  answer_stream& operator=(answer_stream&& other) noexcept;

  /// Blocks until there is a piece, or the end. A second call goes on where the first one has stopped.
  iterator begin() const;
  /// What `begin` is compared with.
  std::default_sentinel_t end() const noexcept { return {}; }

  /// For coroutines: `while (auto chunk = co_await stream.next())`.
  pending_chunk next() const;

  /// The next piece if one is there. Does not block.
  std::optional<chunk> try_next() const;

  /// Whether all was read and the end is there, so that `result` does not block.
  bool is_over() const;

  /// For a program with a loop of its own: has `wake` called once, on the client's thread, when there is a piece or
  /// the end. Returns false, and forgets it, if that is so already. `wake` must be quick and not throw; an eventfd
  /// is what it usually writes to. It may still be called once when the stream is gone.
  bool when_ready(std::function<void()> wake) const;

  /// Who gave the piece that was read last: provider, model and attempt. Absent before the first. Another attempt
  /// may take over as long as there were only thoughts.
  std::optional<started> attempt() const;

  /// Names the request: in the log, in its end, and at nodes.
  const std::string& request_id() const noexcept;

  /// How it ended, with the whole answer: `result()->message()` is ready for the history. Blocks until the end;
  /// pieces that were not read can't be read any more.
  expected<completion> result() const;

  /// Ends the request early: text that was not read is dropped, the loop ends, and the result is the failure
  /// errc::cancelled, unless the end was there already.
  void cancel() const;

private:
  std::shared_ptr<client_call> call_;
};

} // namespace magna
