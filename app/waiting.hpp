#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <magna/actors/observers/observer.hpp>
#include <magna/messages/errc.hpp>

namespace magna::app {

/// What a request waits for.
struct waiting_state {
  using time_point = std::chrono::steady_clock::time_point;

  /// The provider that was asked last, or the node; empty: none yet.
  std::string provider;
  /// The attempt at it, from 1; 0: that is not known here.
  std::uint64_t attempt = 0;
  /// How that attempt failed; absent while it runs. Afterwards the backoff is waited for.
  std::optional<errc> failed;
  /// When that attempt began, or failed.
  time_point since{};
};

/// Who watches the terminal hears of it after this silence, and after this part of a backoff.
inline constexpr std::chrono::seconds silence_to_tell{2};
inline constexpr std::chrono::seconds backoff_to_tell{1};

/// "waiting for gemini (attempt 2, 5 s)". Nothing if it is too early: `quiet_since` is when the last word came.
std::string waiting_text(const waiting_state& what, waiting_state::time_point quiet_since,
                         waiting_state::time_point now);

/// Follows the one request of a command. Thread-safe.
class waiting_observer final : public observer {
public:
  void on_attempt_start(const attempt_start_event& what) override;
  void on_attempt(const attempt_event& what) override;

  waiting_state now() const;

private:
  mutable std::mutex mutex_;
  waiting_state state_;
  std::uint64_t id_ = 0;
};

/// A line on a terminal that is written over and erased. Never blocks: where the terminal takes nothing it stays as it
/// is.
class status_line {
public:
  explicit status_line(int fd) noexcept : fd_(fd) {}
  ~status_line() { erase(); }
  status_line(const status_line&) = delete;
  status_line& operator=(const status_line&) = delete;

  /// Shows the text, which has no control characters, cut where the terminal ends.
  void show(std::string_view text);
  void erase();

private:
  bool write(std::string_view bytes) const;

  int fd_;
  std::string shown_;
};

} // namespace magna::app
