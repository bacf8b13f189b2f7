#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/enum_inspect.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/fields.hpp>
#include <magna/messages/signal.hpp>

namespace magna {

/// What magna thinks of a provider.
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
MAGNA_EXPORT std::string to_string(health_state x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, health_state& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, health_state& x);

template <class Inspector>
bool inspect(Inspector& f, health_state& x) {
  return inspect_enum(f, x, health_state::unknown);
}

/// What the end of an attempt says of a provider.
struct attempt_verdict {
  /// Its name.
  std::string provider{};
  /// Absent: it succeeded.
  std::optional<errc> error{};
  /// In words; empty if it succeeded.
  std::string message{};
  /// How long the provider asks to be left alone.
  std::optional<caf::timespan> retry_after{};
  /// Other keys of the provider are usable: a refused or resting key does not count against the provider.
  bool another_key = false;
  /// The model that was asked for.
  std::string model{};

  bool operator==(const attempt_verdict&) const = default;
};

constexpr auto fields_of(const attempt_verdict* /*type*/) {
  return list_fields(
    tagged<1>("provider", &attempt_verdict::provider), tagged<2>("error", &attempt_verdict::error),
    tagged<3>("message", &attempt_verdict::message), tagged<4>("retry_after", &attempt_verdict::retry_after),
    tagged<5>("another_key", &attempt_verdict::another_key), tagged<6>("model", &attempt_verdict::model));
}

/// A provider as it stands.
struct provider_status {
  /// As configured.
  std::string name{};
  /// Its protocol, for instance "openai".
  std::string kind{};
  /// The model that is asked for unless a request names one.
  std::string model{};
  /// What magna thinks of it now.
  health_state state = health_state::unknown;
  /// Since the last success.
  std::uint32_t consecutive_failures = 0;
  /// The last failure ever, also after successes.
  std::optional<errc> last_error{};
  /// In words; keys are redacted.
  std::string last_error_message{};
  /// When it happened; 0 if there was none.
  caf::timestamp last_error_at{};
  /// Attempts that succeeded since the start.
  std::uint64_t successes = 0;
  /// Attempts that failed since the start, cancelled ones not counted.
  std::uint64_t failures = 0;
  /// Attempts that run now.
  std::uint32_t in_flight = 0;
  /// How often its actor was restarted.
  std::uint64_t restarts = 0;
  /// Over the last 256 successes; absent before the first.
  std::optional<caf::timespan> ttft_p50{};
  /// The same for 95 %.
  std::optional<caf::timespan> ttft_p95{};
  /// From an attempt's start to its end: half were faster.
  std::optional<caf::timespan> latency_p50{};
  /// The same for 95 %.
  std::optional<caf::timespan> latency_p95{};

  bool operator==(const provider_status&) const = default;
};

constexpr auto fields_of(const provider_status* /*type*/) {
  return list_fields(
    tagged<1>("name", &provider_status::name), tagged<2>("kind", &provider_status::kind),
    tagged<3>("model", &provider_status::model), tagged<4>("state", &provider_status::state),
    tagged<5>("consecutive_failures", &provider_status::consecutive_failures),
    tagged<6>("last_error", &provider_status::last_error),
    tagged<7>("last_error_message", &provider_status::last_error_message),
    tagged<8>("last_error_at", &provider_status::last_error_at),
    tagged<9>("successes", &provider_status::successes), tagged<10>("failures", &provider_status::failures),
    tagged<11>("in_flight", &provider_status::in_flight), tagged<12>("restarts", &provider_status::restarts),
    tagged<13>("ttft_p50", &provider_status::ttft_p50), tagged<14>("ttft_p95", &provider_status::ttft_p95),
    tagged<15>("latency_p50", &provider_status::latency_p50),
    tagged<16>("latency_p95", &provider_status::latency_p95));
}

/// All providers, in the order of the chain.
struct status_report {
  /// One for each configured provider.
  std::vector<provider_status> providers{};

  bool operator==(const status_report&) const = default;
};

constexpr auto fields_of(const status_report* /*type*/) {
  return list_fields(tagged<1>("providers", &status_report::providers));
}

/// What a probe found.
struct probe_report {
  /// Its name.
  std::string provider{};
  /// The model that was asked for.
  std::string model{};
  /// Whether requests can be expected to succeed.
  bool usable = false;
  /// What magna thinks of it after the probe.
  health_state state = health_state::unknown;
  /// Absent if nothing speaks against it. Beside `usable` it is a doubt: the model is on no list, say, which proves
  /// nothing.
  std::optional<errc> error{};
  /// In words; keys are redacted.
  std::string message{};
  /// How long the probe took.
  caf::timespan latency{};

  bool operator==(const probe_report&) const = default;
};

constexpr auto fields_of(const probe_report* /*type*/) {
  return list_fields(tagged<1>("provider", &probe_report::provider), tagged<2>("model", &probe_report::model),
                     tagged<3>("usable", &probe_report::usable), tagged<4>("state", &probe_report::state),
                     tagged<5>("error", &probe_report::error), tagged<6>("message", &probe_report::message),
                     tagged<7>("latency", &probe_report::latency));
}

/// The probes of all providers, in the order of the chain.
struct health_report {
  /// One for each configured provider.
  std::vector<probe_report> providers{};

  bool operator==(const health_report&) const = default;
};

constexpr auto fields_of(const health_report* /*type*/) {
  return list_fields(tagged<1>("providers", &health_report::providers));
}

/// A provider's state changed.
struct health_event {
  /// Its name.
  std::string provider{};
  /// Before.
  health_state from = health_state::unknown;
  /// Now.
  health_state to = health_state::unknown;
  /// What caused it; absent for a success.
  std::optional<errc> error{};
  /// In words; keys are redacted.
  std::string message{};
  /// By the clock of this host.
  caf::timestamp at{};

  bool operator==(const health_event&) const = default;
};

constexpr auto fields_of(const health_event* /*type*/) {
  return list_fields(tagged<1>("provider", &health_event::provider), tagged<2>("from", &health_event::from),
                     tagged<3>("to", &health_event::to), tagged<4>("error", &health_event::error),
                     tagged<5>("message", &health_event::message), tagged<6>("at", &health_event::at));
}

/// Asks for health events.
struct subscribe {
  /// Forgotten when it ends.
  health_subscriber_actor subscriber{};
};

constexpr auto fields_of(const subscribe* /*type*/) {
  return list_fields(tagged<1>("subscriber", &subscribe::subscriber));
}

/// A provider actor that crashed was started anew (`handle` is set), or stays down for a while.
struct provider_changed {
  /// Its name.
  std::string provider{};
  /// Null while it is down.
  provider_actor handle{};
  /// Why it is down.
  std::string message{};
};

constexpr auto fields_of(const provider_changed* /*type*/) {
  return list_fields(tagged<1>("provider", &provider_changed::provider),
                     tagged<2>("handle", &provider_changed::handle),
                     tagged<3>("message", &provider_changed::message));
}

/// Asks one provider for something free.
struct probe {
  /// How many nodes have passed the question on.
  std::uint32_t hops = 0;

  bool operator==(const probe&) const = default;
};

constexpr auto fields_of(const probe* /*type*/) {
  return list_fields(tagged<1>("hops", &probe::hops));
}

// Messages without content.

/// Asks to probe all providers.
struct check_health : signal {};
/// Asks how all providers are.
struct get_status : signal {};
/// A cooldown may be over.
struct probe_tick : signal {};

} // namespace magna
