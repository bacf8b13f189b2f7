#include <magna/actors/health/provider_meter.hpp>

#include <chrono>

namespace magna {

namespace {

/// So many answers say what is usual.
constexpr std::size_t least_known_answers = 20;

} // namespace

void provider_meter::count_first_attempt(steady_time now) {
  const mutex_lock guard{mutex_};
  budget_.on_first_attempt(now);
}

bool provider_meter::take_retry(const retry_budget_config& limits, steady_time now) {
  const mutex_lock guard{mutex_};
  return budget_.take(limits, now);
}

bool provider_meter::add_success(std::optional<caf::timespan> ttft, caf::timespan duration, steady_time now) {
  const mutex_lock guard{mutex_};
  ++successes_;
  last_success_ = now;
  latency_.add(duration);
  if (ttft)
    learn(*ttft);
  return settled_.load(std::memory_order_acquire);
}

void provider_meter::add_ttft(caf::timespan ttft) {
  const mutex_lock guard{mutex_};
  learn(ttft);
}

std::optional<steady_duration> provider_meter::late_after() const noexcept {
  const auto value = late_after_.load(std::memory_order_relaxed);
  if (value < 0)
    return std::nullopt;
  return std::chrono::nanoseconds{value};
}

provider_meter::figures provider_meter::read() const {
  const mutex_lock guard{mutex_};
  return {.successes = successes_,
          .last_success = last_success_,
          .ttft_p50 = ttft_.percentile(50),
          .ttft_p95 = ttft_.percentile(95),
          .latency_p50 = latency_.percentile(50),
          .latency_p95 = latency_.percentile(95)};
}

std::optional<steady_time> provider_meter::last_success() const {
  const mutex_lock guard{mutex_};
  return last_success_;
}

void provider_meter::forget() {
  const mutex_lock guard{mutex_};
  ++epoch_;
  settled_ = false;
  late_after_ = -1;
  ttft_ = {};
  latency_ = {};
  learned_ = 0;
  successes_ = 0;
  last_success_.reset();
}

void provider_meter::learn(caf::timespan ttft) {
  ttft_.add(ttft);
  // Percentiles cost more than a count: now and then is enough.
  if (ttft_.size() < least_known_answers || ++learned_ % 8 != 0)
    return;
  if (const auto usual = ttft_.percentile(95))
    late_after_ = std::chrono::nanoseconds{*usual}.count();
}

} // namespace magna
