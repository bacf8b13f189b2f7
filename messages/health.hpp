#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/signal.hpp>

namespace magna {

enum class health_state : std::uint8_t {
  /// Not yet tried.
  unknown = 1,
  /// The last attempt succeeded.
  healthy = 2,
  /// One or two consecutive failures.
  degraded = 3,
  /// Three or more: the circuit is open, and the provider is skipped while others are left.
  unavailable = 4,
};

/// The name as it appears everywhere, for instance "HEALTHY".
std::string to_string(health_state x);
bool from_string(caf_string_view str, health_state& x);
bool from_integer(std::uint8_t value, health_state& x);

template <class Inspector>
bool inspect(Inspector& f, health_state& x) {
  return caf::default_enum_inspect(f, x);
}

/// An attempt begins.
struct attempt_started {
  std::string provider;
  /// Counts the provider's attempts.
  std::uint64_t attempt_id = 0;

  bool operator==(const attempt_started&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, attempt_started& x) {
  return f.object(x).fields(f.field("provider", x.provider), f.field("attempt_id", x.attempt_id));
}

/// The outcome of an attempt, for the provider's sake.
struct attempt_ended {
  std::string provider;
  std::uint64_t attempt_id = 0;
  std::string model;
  /// Absent: it succeeded. errc::cancelled says nothing about the provider.
  std::optional<errc> error;
  std::string message;
  std::optional<caf::timespan> retry_after;
  /// The key that was used, as its position in the configuration.
  std::uint32_t key_index = 0;
  /// Other keys of the provider are usable: a refused or resting key does not count against the provider.
  bool another_key = false;
  /// The wire name of a parameter that the model turned out to refuse.
  std::vector<std::string> refused_parameters;
  std::optional<caf::timespan> ttft;
  caf::timespan duration{};

  bool operator==(const attempt_ended&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, attempt_ended& x) {
  return f.object(x).fields(f.field("provider", x.provider), f.field("attempt_id", x.attempt_id),
                            f.field("model", x.model), f.field("error", x.error),
                            f.field("message", x.message), f.field("retry_after", x.retry_after),
                            f.field("key_index", x.key_index), f.field("another_key", x.another_key),
                            f.field("refused_parameters", x.refused_parameters), f.field("ttft", x.ttft),
                            f.field("duration", x.duration));
}

/// A provider as it stands.
struct provider_status {
  std::string name;
  std::string kind;
  std::string model;
  health_state state = health_state::unknown;
  std::uint32_t consecutive_failures = 0;
  /// The last failure ever, also after successes.
  std::optional<errc> last_error;
  std::string last_error_message;
  caf::timestamp last_error_at{};
  std::uint64_t successes = 0;
  std::uint64_t failures = 0;
  std::uint32_t in_flight = 0;
  /// How often its actor was restarted.
  std::uint64_t restarts = 0;
  /// Over the last 256 successes; absent before the first.
  std::optional<caf::timespan> ttft_p50;
  std::optional<caf::timespan> ttft_p95;
  std::optional<caf::timespan> latency_p50;
  std::optional<caf::timespan> latency_p95;

  bool operator==(const provider_status&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, provider_status& x) {
  return f.object(x).fields(
    f.field("name", x.name), f.field("kind", x.kind), f.field("model", x.model), f.field("state", x.state),
    f.field("consecutive_failures", x.consecutive_failures), f.field("last_error", x.last_error),
    f.field("last_error_message", x.last_error_message), f.field("last_error_at", x.last_error_at),
    f.field("successes", x.successes), f.field("failures", x.failures), f.field("in_flight", x.in_flight),
    f.field("restarts", x.restarts), f.field("ttft_p50", x.ttft_p50), f.field("ttft_p95", x.ttft_p95),
    f.field("latency_p50", x.latency_p50), f.field("latency_p95", x.latency_p95));
}

/// All providers, in the order of the chain.
struct status_report {
  std::vector<provider_status> providers;

  bool operator==(const status_report&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, status_report& x) {
  return f.object(x).fields(f.field("providers", x.providers));
}

/// What a probe found.
struct probe_report {
  std::string provider;
  std::string model;
  bool usable = false;
  health_state state = health_state::unknown;
  std::optional<errc> error;
  std::string message;
  caf::timespan latency{};

  bool operator==(const probe_report&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, probe_report& x) {
  return f.object(x).fields(f.field("provider", x.provider), f.field("model", x.model),
                            f.field("usable", x.usable), f.field("state", x.state), f.field("error", x.error),
                            f.field("message", x.message), f.field("latency", x.latency));
}

/// The probes of all providers, in the order of the chain.
struct health_report {
  std::vector<probe_report> providers;

  bool operator==(const health_report&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, health_report& x) {
  return f.object(x).fields(f.field("providers", x.providers));
}

/// A provider's state changed.
struct health_event {
  std::string provider;
  health_state from = health_state::unknown;
  health_state to = health_state::unknown;
  /// What caused it; absent for a success.
  std::optional<errc> error;
  std::string message;
  caf::timestamp at{};

  bool operator==(const health_event&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, health_event& x) {
  return f.object(x).fields(f.field("provider", x.provider), f.field("from", x.from), f.field("to", x.to),
                            f.field("error", x.error), f.field("message", x.message), f.field("at", x.at));
}

/// Asks for health events.
struct subscribe {
  health_subscriber_actor subscriber;
};

template <class Inspector>
bool inspect(Inspector& f, subscribe& x) {
  return f.object(x).fields(f.field("subscriber", x.subscriber));
}

/// A provider actor that crashed was started anew (`handle` is set), or stays down for a while.
struct provider_changed {
  std::string provider;
  provider_actor handle;
  /// Why it is down.
  std::string message;
};

template <class Inspector>
bool inspect(Inspector& f, provider_changed& x) {
  return f.object(x).fields(f.field("provider", x.provider), f.field("handle", x.handle),
                            f.field("message", x.message));
}

// Messages without content.

struct check_health : signal {};
struct get_status : signal {};
struct probe : signal {};
struct probe_tick : signal {};

} // namespace magna
