#pragma once

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

/// The least that coroutines need to be written: a lazy task, and a way to wait for one. Programs that have a
/// coroutine library use its own; magna's awaitables fit into any.
namespace magna {

template <class T = void>
class task;

namespace detail {

/// What task<T> and task<void> share: whom to go on with, and an exception that left the coroutine.
class task_promise_base {
public:
  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() const noexcept {
    struct awaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept { return next; }
      void await_resume() const noexcept {}
      std::coroutine_handle<> next;
    };
    return awaiter{next_};
  }
  void unhandled_exception() noexcept { problem_ = std::current_exception(); }
  void go_on_with(std::coroutine_handle<> who) noexcept { next_ = who; }

protected:
  void rethrow() const {
    if (problem_)
      std::rethrow_exception(problem_);
  }

private:
  std::coroutine_handle<> next_ = std::noop_coroutine();
  std::exception_ptr problem_;
};

template <class T>
class task_promise : public task_promise_base {
public:
  task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

} // namespace detail

/// A coroutine that begins when it is awaited, and whose value, or exception, goes to who awaits it. Await it
/// once.
template <class T>
class [[nodiscard]] task {
public:
  using promise_type = detail::task_promise<T>;

  /// Made by the coroutine.
  explicit task(std::coroutine_handle<promise_type> what) noexcept : what_(what) {}
  ~task() {
    if (what_)
      what_.destroy();
  }
  /// Takes the coroutine over.
  task(task&& other) noexcept : what_(std::exchange(other.what_, nullptr)) {}
  /// Takes the coroutine over, and gives what it had in exchange.
  task& operator=(task&& other) noexcept {
    std::swap(what_, other.what_);
    return *this;
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> who) const noexcept {
    what_.promise().go_on_with(who);
    return what_;
  }
  T await_resume() const { return what_.promise().take(); }

private:
  std::coroutine_handle<promise_type> what_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

/// Set once.
class latch {
public:
  void set() noexcept {
    // Under the lock: who waits may destroy this as soon as it is unlocked.
    const std::lock_guard guard{mutex_};
    set_ = true;
    changed_.notify_one();
  }
  void wait() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return set_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

/// A coroutine that nobody awaits: sets the latch in its last moment.
class waiter {
public:
  struct promise_type {
    waiter get_return_object() noexcept {
      return waiter{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
      struct awaiter {
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> who) const noexcept {
          who.promise().done->set();
        }
        void await_resume() const noexcept {}
      };
      return awaiter{};
    }
    void return_void() const noexcept {}
    // Exceptions of the task are caught inside.
    void unhandled_exception() const noexcept { std::terminate(); }

    latch* done = nullptr;
  };

  explicit waiter(std::coroutine_handle<promise_type> what) noexcept : what_(what) {}
  ~waiter() { what_.destroy(); }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  void run() const {
    latch done;
    what_.promise().done = &done;
    what_.resume();
    done.wait();
  }

private:
  std::coroutine_handle<promise_type> what_;
};

/// Begins the task and keeps its exception, if it throws one, for who waits.
template <class T, class Keep>
waiter wait_for(task<T>& what, Keep keep, std::exception_ptr& problem) {
  try {
    if constexpr (std::is_void_v<T>)
      co_await what;
    else
      keep(co_await what);
  } catch (...) {
    problem = std::current_exception();
  }
}

} // namespace detail

/// Runs a task and blocks until it has ended; returns its value or throws its exception. Not from the
/// client's own thread (a callback, or a coroutine that magna has resumed): what the task waits for is
/// delivered there.
template <class T>
T sync_wait(task<T> what) {
  std::exception_ptr problem;
  const auto rethrow = [&problem] {
    if (problem)
      std::rethrow_exception(problem);
  };
  if constexpr (std::is_void_v<T>) {
    detail::wait_for(
      what, [] {}, problem)
      .run();
    rethrow();
  } else {
    std::optional<T> result;
    detail::wait_for(
      what, [&result](T&& value) { result.emplace(std::move(value)); }, problem)
      .run();
    rethrow();
    return std::move(*result);
  }
}

} // namespace magna
