#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include <magna/bench/session.hpp>

namespace magna::bench {

/// A session for several threads, whose end can be waited for. Thread-safe.
class shared_session {
public:
  explicit shared_session(const load& what);

  const load& what() const noexcept { return session_.what(); }

  std::optional<std::uint64_t> start(std::uint32_t lane);
  /// Looks at the clock as well.
  void on_text(std::uint64_t request, std::uint64_t events, std::string_view text);
  void on_end(std::uint64_t request, bool good);
  void look_at_clock();

  std::uint32_t lane_of(std::uint64_t request) const noexcept { return session_.lane_of(request); }
  bool over() const noexcept { return over_; }

  /// Waits until enough has been measured.
  figures wait_for_result();

private:
  /// The mutex is locked.
  void tell_if_over();

  std::mutex mutex_;
  std::condition_variable ended_;
  session session_;
  /// What `session_` says, for those who ask often.
  std::atomic<bool> over_ = false;
};

} // namespace magna::bench
