#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

#include <caf/timespan.hpp>

#include <magna/actors/health/latency_window.hpp>
#include <magna/actors/health/retry_budget.hpp>
#include <magna/actors/supervision/clock.hpp>
#include <magna/text/mutex.hpp>

namespace magna {

/// The figures of one provider that every attempt reads or moves: it outlives the provider's actor and the
/// health monitor's. Thread-safe; what it locks is this provider's alone, and for moments.
class provider_meter {
public:
  // -- attempts under way

  void begin_attempt() noexcept { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  void end_attempt() noexcept { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
  std::uint32_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }

  // -- retries

  void count_first_attempt(steady_time now);
  /// Whether one more retry may go to the provider; if so, it is counted.
  bool take_retry(const retry_budget_config& limits, steady_time now);

  // -- what its keys have left

  /// None of its keys has anything left to use until then.
  void spare(steady_time until) noexcept {
    spared_until_.store(until.time_since_epoch().count(), std::memory_order_relaxed);
  }
  bool is_spared(steady_time now) const noexcept {
    return now.time_since_epoch().count() < spared_until_.load(std::memory_order_relaxed);
  }

  // -- successes and times

  /// An attempt succeeded. Returns whether that changes nothing in what is known of the provider's health.
  bool add_success(std::optional<caf::timespan> ttft, caf::timespan duration, steady_time now);
  /// How long the first token of an attempt that was given up took, or was waited for. Without the slow ones the
  /// quantiles would look better than the provider is.
  void add_ttft(caf::timespan ttft);

  /// The health monitor says whether the provider is HEALTHY, and a further success therefore no news.
  void settle(bool value) noexcept { settled_.store(value, std::memory_order_release); }

  /// How long after an attempt's start its first token is late, by the provider's own figures; nothing while
  /// too little is known.
  std::optional<steady_duration> late_after() const noexcept;

  struct figures {
    std::uint64_t successes = 0;
    std::optional<steady_time> last_success;
    std::optional<caf::timespan> ttft_p50;
    std::optional<caf::timespan> ttft_p95;
    std::optional<caf::timespan> latency_p50;
    std::optional<caf::timespan> latency_p95;
  };
  figures read() const;
  std::optional<steady_time> last_success() const;

  /// The provider is another one now, of the same name: forgets all but the attempts under way and the retry
  /// budget. What began before says nothing of it.
  void forget();
  /// Grows with each `forget`.
  std::uint32_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }

private:
  void learn(caf::timespan ttft) MAGNA_REQUIRES(mutex_);

  std::atomic<std::uint32_t> in_flight_ = 0;
  std::atomic<bool> settled_ = false;
  std::atomic<std::uint32_t> epoch_ = 0;
  std::atomic<steady_duration::rep> spared_until_ = std::numeric_limits<steady_duration::rep>::min();
  /// In nanoseconds; less than 0: unknown.
  std::atomic<std::int64_t> late_after_ = -1;

  mutable mutex mutex_;
  retry_budget budget_ MAGNA_GUARDED_BY(mutex_);
  latency_window ttft_ MAGNA_GUARDED_BY(mutex_);
  latency_window latency_ MAGNA_GUARDED_BY(mutex_);
  /// Times to the first token that were added.
  std::uint64_t learned_ MAGNA_GUARDED_BY(mutex_) = 0;
  std::uint64_t successes_ MAGNA_GUARDED_BY(mutex_) = 0;
  std::optional<steady_time> last_success_ MAGNA_GUARDED_BY(mutex_);
};

} // namespace magna
