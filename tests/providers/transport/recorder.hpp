#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <magna/providers/transport/transport.hpp>
#include <magna/tests/providers/transport/raw_server.hpp>

namespace magna::test {

/// A listener that remembers what it is told and checks the order.
class recorder final : public transfer_listener {
public:
  /// Decides after each piece of the body, with the body so far, whether to go on.
  using decision = std::function<bool(std::string_view)>;

  recorder() = default;

  explicit recorder(decision go_on) : go_on_(std::move(go_on)) {}

  void on_head(http_head head) override {
    update([&] {
      in_order_ = in_order_ && !head_ && body_.empty() && !ended_ && !paused_;
      head_ = std::move(head);
    });
  }

  bool on_data(std::string_view bytes) override {
    auto result = true;
    update([&] {
      in_order_ = in_order_ && head_ && !ended_ && !paused_ && !bytes.empty();
      ++pieces_;
      body_ += bytes;
      paused_ = go_on_ && !go_on_(body_);
      result = !paused_;
    });
    return result;
  }

  void on_end(std::optional<transfer_error> error) override {
    update([&] {
      // Only the end of the transport itself comes to a paused transfer.
      in_order_ = in_order_ && !ended_ && (!paused_ || (error && error->code == errc::cancelled));
      ended_ = true;
      error_ = std::move(error);
    });
  }

  /// Call before transport::resume.
  void resumed() {
    update([&] { paused_ = false; });
  }

  template <class Duration>
  bool ends_within(Duration limit) {
    return wait(limit, [this] { return ended_; });
  }

  bool ends() { return ends_within(patience); }

  bool gets_head() {
    return wait(patience, [this] { return head_.has_value(); });
  }

  bool gets_bytes(std::size_t count) {
    return wait(patience, [&] { return body_.size() >= count; });
  }

  bool pauses() {
    return wait(patience, [this] { return paused_; });
  }

  /// Waits until the transfer pauses or ends. Returns whether it paused.
  bool pauses_or_ends() {
    return wait(patience, [this] { return paused_ || ended_; }) && !ended();
  }

  [[nodiscard]] http_head head() const {
    const std::lock_guard guard{mutex_};
    return head_.value_or(http_head{});
  }

  [[nodiscard]] std::string body() const {
    const std::lock_guard guard{mutex_};
    return body_;
  }

  [[nodiscard]] std::size_t pieces() const {
    const std::lock_guard guard{mutex_};
    return pieces_;
  }

  /// Nothing but the right calls in the right order so far.
  [[nodiscard]] bool in_order() const {
    const std::lock_guard guard{mutex_};
    return in_order_;
  }

  /// Nothing at all so far.
  [[nodiscard]] bool silent() const {
    const std::lock_guard guard{mutex_};
    return !head_ && body_.empty() && !ended_;
  }

  [[nodiscard]] bool ended() const {
    const std::lock_guard guard{mutex_};
    return ended_;
  }

  /// "ok", or the error as "code: message"; "running" before the end.
  [[nodiscard]] std::string outcome() const {
    const std::lock_guard guard{mutex_};
    if (!ended_)
      return "running";
    return error_ ? to_string(error_->code) + ": " + error_->message : "ok";
  }

  /// What the error says of another try.
  [[nodiscard]] std::optional<bool> should_retry() const {
    const std::lock_guard guard{mutex_};
    return error_ ? error_->should_retry : std::nullopt;
  }

private:
  template <class F>
  void update(F f) {
    const std::lock_guard guard{mutex_};
    f();
    changed_.notify_all();
  }

  template <class Duration, class Predicate>
  bool wait(Duration limit, Predicate predicate) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, limit, predicate);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  decision go_on_;
  std::optional<http_head> head_;
  std::string body_;
  std::size_t pieces_ = 0;
  bool paused_ = false;
  bool ended_ = false;
  bool in_order_ = true;
  std::optional<transfer_error> error_;
};

} // namespace magna::test
