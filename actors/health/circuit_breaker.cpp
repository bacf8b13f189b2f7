#include <magna/actors/health/circuit_breaker.hpp>

#include <algorithm>
#include <utility>

#include <magna/text/assert.hpp>

namespace magna {

const circuit_breaker_config& circuit_breaker::checked(const circuit_breaker_config& config) {
  MAGNA_ASSERT(config.failure_threshold > 0);
  MAGNA_ASSERT(config.cooldown > steady_duration::zero());
  MAGNA_ASSERT(config.cooldown <= config.max_cooldown);
  return config;
}

void circuit_breaker::on_success() {
  state_ = health_state::healthy;
  failures_ = 0;
  cooldown_ = config_.cooldown;
  probing_ = false;
}

void circuit_breaker::on_failure(steady_time now, steady_duration server_delay) {
  ++failures_;
  if (state_ == health_state::unavailable) {
    if (server_delay > steady_duration::zero())
      retry_at_ = std::max(retry_at_, now + server_delay);
    return;
  }
  if (failures_ >= config_.failure_threshold)
    open(now, server_delay);
  else
    state_ = health_state::degraded;
}

void circuit_breaker::on_probe_success() {
  probing_ = false;
  if (state_ == health_state::unavailable) {
    state_ = health_state::degraded;
    failures_ = config_.failure_threshold - 1;
    cooldown_ = std::min(cooldown_ * 2, config_.max_cooldown);
  } else if (state_ == health_state::unknown) {
    state_ = health_state::healthy;
  }
}

void circuit_breaker::on_probe_failure(steady_time now) {
  const auto was_due = std::exchange(probing_, false);
  on_failure(now);
  if (was_due) {
    cooldown_ = std::min(cooldown_ * 2, config_.max_cooldown);
    open(now);
  }
}

void circuit_breaker::on_probe_lost(steady_time now) {
  if (std::exchange(probing_, false))
    open(now);
}

void circuit_breaker::force_open(steady_time now) {
  failures_ = std::max(failures_, config_.failure_threshold);
  open(now);
}

void circuit_breaker::adopt(health_state seen, steady_time now, steady_duration open_for) {
  switch (seen) {
    case health_state::healthy:
      on_success();
      break;
    case health_state::degraded:
      probing_ = false;
      state_ = health_state::degraded;
      failures_ = std::clamp(failures_, std::uint32_t{1}, std::max(config_.failure_threshold, 2U) - 1);
      break;
    case health_state::unavailable:
      failures_ = std::max(failures_, config_.failure_threshold);
      state_ = health_state::unavailable;
      probing_ = false;
      retry_at_ = now + std::clamp(open_for, steady_duration::zero(), config_.max_cooldown);
      break;
    case health_state::unknown:
      break;
  }
}

bool circuit_breaker::start_probe(steady_time now) {
  if (state_ != health_state::unavailable || probing_ || now < retry_at_)
    return false;
  probing_ = true;
  return true;
}

std::optional<steady_time> circuit_breaker::next_probe() const noexcept {
  if (state_ != health_state::unavailable || probing_)
    return std::nullopt;
  return retry_at_;
}

void circuit_breaker::open(steady_time now, steady_duration at_least) {
  state_ = health_state::unavailable;
  probing_ = false;
  retry_at_ = now + std::max(cooldown_, at_least);
}

} // namespace magna
