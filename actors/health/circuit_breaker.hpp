#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/health.hpp>

namespace magna {

struct circuit_breaker_config {
  /// Consecutive failures that open the circuit; at least 1.
  std::uint32_t failure_threshold = 3;
  /// The first rest of an open circuit, more than 0 and at most max_cooldown; each probe that fails doubles
  /// it, up to max_cooldown.
  steady_duration cooldown = std::chrono::seconds{30};
  steady_duration max_cooldown = std::chrono::minutes{5};
};

/// One provider's health, as a value: told of outcomes, it says the state.
///
///     closed (UNKNOWN, HEALTHY, DEGRADED) --threshold failures--> open (UNAVAILABLE)
///     open --cooldown over--> half-open: one probe --good--> closed, on approval --success--> HEALTHY
///                                                  --bad---> open, cooldown doubled
///
/// A probe costs no tokens and so proves little: after a good one the provider is DEGRADED, and the next
/// failure opens the circuit again, with the longer cooldown.
class circuit_breaker {
public:
  explicit circuit_breaker(const circuit_breaker_config& config)
    : config_(checked(config)), cooldown_(config.cooldown) {}

  /// Other limits from now on; what is known stays known.
  void configure(const circuit_breaker_config& config) {
    config_ = checked(config);
    cooldown_ = std::clamp(cooldown_, config.cooldown, config.max_cooldown);
  }

  /// An attempt succeeded, whatever the state was.
  void on_success();

  /// An attempt failed in a way that counts against health. An open circuit only counts it: attempts that
  /// were under way when it opened, or that came because no provider was left, say nothing new.
  /// `server_delay`: how long the provider itself wants to be left alone; an open circuit rests at least so
  /// long.
  void on_failure(steady_time now, steady_duration server_delay = {});

  /// A probe succeeded.
  void on_probe_success();

  /// A probe failed. Of an open circuit it prolongs the rest only if start_probe began it.
  void on_probe_failure(steady_time now);

  /// A probe that start_probe began has found out nothing: another one after the same rest.
  void on_probe_lost(steady_time now);

  /// The provider actor is down for good reason: opens at once.
  void force_open(steady_time now);

  /// Another node has seen the provider in this state more recently; `open_for` is how long its circuit stays
  /// open.
  void adopt(health_state seen, steady_time now, steady_duration open_for);

  /// True once per rest: the cooldown is over, and the caller now probes.
  bool start_probe(steady_time now);

  /// When start_probe will say yes; nothing unless the circuit is open.
  std::optional<steady_time> next_probe() const noexcept;

  health_state state() const noexcept { return state_; }
  std::uint32_t consecutive_failures() const noexcept { return failures_; }

private:
  static const circuit_breaker_config& checked(const circuit_breaker_config& config);
  void open(steady_time now, steady_duration at_least = {});

  circuit_breaker_config config_;
  health_state state_ = health_state::unknown;
  std::uint32_t failures_ = 0;
  steady_duration cooldown_;
  steady_time retry_at_{};
  bool probing_ = false;
};

} // namespace magna
