#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <magna/actors/health/circuit_breaker.hpp>
#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/node.hpp>

namespace magna {

/// What is known of one provider's health, as a value: the outcomes that this node sees, and what other nodes
/// tell. The most recent word counts, whoever has seen it; but a fresh success of this node's own stands
/// above bad news of others.
class health_record {
public:
  health_record(const circuit_breaker_config& config, std::string identity)
    : breaker_(config), identity_(std::move(identity)) {}

  /// Other limits from now on; what is known stays known.
  void configure(const circuit_breaker_config& config) { breaker_.configure(config); }

  // -- what this node sees

  void on_success(steady_time now);
  /// Successes of which nobody told this record, up to the latest one. They change no state: the provider was
  /// HEALTHY, and is.
  void note_successes(std::optional<steady_time> latest);
  /// An attempt failed in a way that counts against health. `retry_after`: how long the provider itself wants
  /// to be left alone.
  void on_failure(errc error, std::optional<steady_duration> retry_after, steady_time now);
  /// The provider's own actor crashes and crashes. No other node needs to know.
  void on_crashes(steady_time now) { breaker_.force_open(now); }
  /// A probe proves too little to be told to other nodes, or to stand against what they have seen.
  void on_probe_success() { breaker_.on_probe_success(); }
  void on_probe_failure(errc error, steady_time now);

  // -- what nodes tell each other

  /// What other nodes may know; nothing if this node has seen nothing itself.
  std::optional<health_fact> fact(const std::string& provider, steady_time now) const;
  /// Another node's word. False: it is old, about another provider, or this node knows better.
  bool adopt(const health_fact& fact, steady_time now);

  // -- what follows

  health_state state() const noexcept { return breaker_.state(); }
  std::uint32_t consecutive_failures() const noexcept { return breaker_.consecutive_failures(); }
  std::optional<steady_time> rest_until() const noexcept { return rest_until_; }
  /// Whether one more success would change nothing.
  bool settled() const noexcept {
    return state() == health_state::healthy && consecutive_failures() == 0 && !rest_until_;
  }
  /// When `start_probe` will say yes; nothing unless the circuit is open.
  std::optional<steady_time> next_probe() const noexcept { return breaker_.next_probe(); }
  /// True once per rest: the cooldown is over, and the caller now probes.
  bool start_probe(steady_time now) { return breaker_.start_probe(now); }

private:
  void note_seen(steady_time now) {
    seen_ = now;
    seen_here_ = true;
  }

  circuit_breaker breaker_;
  /// See provider_identity.
  std::string identity_;
  /// The provider asked for a rest until then.
  std::optional<steady_time> rest_until_;
  /// When what is known was seen, by this node or by another one.
  std::optional<steady_time> seen_;
  bool seen_here_ = false;
  std::optional<steady_time> last_success_;
};

} // namespace magna
