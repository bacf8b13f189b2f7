#pragma once

#include <atomic>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <magna/client/expected.hpp>
#include <magna/client/pending_answer.hpp>
#include <magna/client/task.hpp>
#include <magna/messages/export.hpp>

// Several answers at once:
//
//     const auto both = co_await magna::when_all(llm.generate("What speaks for it?"), llm.generate("What against?"));
//     const auto [which, answer] = co_await magna::when_any(fast.generate("Hello"), cheap.generate("Hello"));
//
// A thread waits with `magna::sync_wait`.

namespace magna {

/// What `when_any` gives.
struct first_answer {
  /// Which of them.
  std::size_t index = 0;
  /// How it ended, well or badly.
  expected<completion> answer;
};

/// Waits for the first of several answers to end; part of `when_any`.
class MAGNA_EXPORT first_of {
public:
  /// At least one, which must outlive this.
  explicit first_of(const std::vector<pending_answer>& answers) noexcept : answers_(answers) {}
  ~first_of();
  first_of(const first_of&) = delete;
  first_of& operator=(const first_of&) = delete;

  bool await_ready() const;
  bool await_suspend(std::coroutine_handle<> who);
  first_answer await_resume() const;

private:
  const std::vector<pending_answer>& answers_;
  /// Set by the first who goes on with the coroutine.
  std::shared_ptr<std::atomic<bool>> resumed_ = std::make_shared<std::atomic<bool>>(false);
};

/// The ends of all, in the order of the arguments. The requests run side by side already; dropping the task cancels
/// those that have not ended.
inline task<std::vector<expected<completion>>> when_all(std::vector<pending_answer> answers) {
  std::vector<expected<completion>> result;
  result.reserve(answers.size());
  for (const auto& answer : answers)
    result.push_back(co_await answer);
  co_return result;
}

/// The first end, be it good or bad; the other requests are cancelled then. At least one answer.
inline task<first_answer> when_any(std::vector<pending_answer> answers) {
  co_return co_await first_of{answers};
}

/// The same for answers named one by one.
template <class... Ts>
requires(sizeof...(Ts) > 0 && (std::same_as<Ts, pending_answer> && ...))
  task<std::vector<expected<completion>>> when_all(Ts... answers) {
  std::vector<pending_answer> all;
  (all.push_back(std::move(answers)), ...);
  return when_all(std::move(all));
}

/// The same for answers named one by one.
template <class... Ts>
requires(sizeof...(Ts) > 0
         && (std::same_as<Ts, pending_answer> && ...)) task<first_answer> when_any(Ts... answers) {
  std::vector<pending_answer> all;
  (all.push_back(std::move(answers)), ...);
  return when_any(std::move(all));
}

} // namespace magna
