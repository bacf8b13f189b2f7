#pragma once

#include <chrono>
#include <coroutine>
#include <future>
#include <memory>

#include <magna/client/expected.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/response.hpp>

namespace magna {

class client_call;

/// An answer on its way: wait for it with `get`, in a coroutine with `co_await`, or make a std::future of it.
///
///     auto answer = llm.async_generate("Why is the sky blue?");
///     ...
///     use(answer.get());
///
/// Whoever destroys it before the end cancels the request: nobody is left to read the answer. It is completed
/// in any case, also when its client goes. Any thread may call `cancel`; all else is for one at a time. Only
/// destroy or assign one that was moved from.
class [[nodiscard]] MAGNA_EXPORT pending_answer {
public:
  /// Made by `client::async_generate`.
  explicit pending_answer(std::shared_ptr<client_call> what) noexcept;
  ~pending_answer();
  /// Takes the answer over.
  pending_answer(pending_answer&& other) noexcept;
  /// Takes the answer over; a request that this had is cancelled.
  pending_answer& operator=(pending_answer&& other) noexcept;

  /// Blocks until the end.
  expected<completion> get() const;

  /// Blocks until the end, but for no longer than this; returns whether it has come. The request goes on
  /// either way.
  bool wait_for(std::chrono::milliseconds limit) const;

  /// Ends the request early: the failure errc::cancelled comes, unless the answer was faster.
  void cancel() const;

  /// The request then goes on though nobody may look at the future.
  operator std::future<expected<completion>>() &&;

  /// What `co_await` uses. The coroutine goes on at once, in the same thread, if the answer is there, and
  /// otherwise on the client's thread, which it should not block for long. A coroutine that waits may be
  /// destroyed on that thread only.
  class awaiter {
  public:
    /// Made by `co_await`.
    explicit awaiter(std::shared_ptr<client_call> what) noexcept;
    ~awaiter();
    awaiter(const awaiter&) = delete;
    awaiter& operator=(const awaiter&) = delete;

    bool await_ready() const;
    bool await_suspend(std::coroutine_handle<> who);
    expected<completion> await_resume() const;

  private:
    std::shared_ptr<client_call> call_;
  };
  /// Waits for the answer in a coroutine.
  awaiter operator co_await() const { return awaiter{call_}; }

private:
  friend class first_of;

  std::shared_ptr<client_call> call_;
};

} // namespace magna
