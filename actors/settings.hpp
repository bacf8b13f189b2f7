#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <magna/actors/health/retry_budget_config.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/request.hpp>
#include <magna/providers/codec.hpp>
#include <magna/providers/keys/key_source.hpp>

namespace magna {

using std::chrono::milliseconds;

/// The five deadlines of an attempt. Absent: what the next wider scope says.
struct timeout_settings {
  /// DNS, TCP and TLS. Default 10 s.
  std::optional<milliseconds> connect{};
  /// From the start to the response's status line. Default: first_token.
  std::optional<milliseconds> response_headers{};
  /// From the start to the first token of a stream. Default: settings::timeout; where that is the default, too, the
  /// kind's own time, if it has one (5 min at Ollama, whose models may have to be loaded).
  std::optional<milliseconds> first_token{};
  /// Between two signs of life of a stream. Default: settings::timeout.
  std::optional<milliseconds> idle{};
  /// The attempt as a whole. Default: settings::timeout when not streaming, none when streaming.
  std::optional<milliseconds> total{};

  bool operator==(const timeout_settings&) const = default;
};

/// One provider instance.
struct provider_settings {
  /// Unique, 1 to 64 of [A-Za-z0-9._-].
  std::string name{};
  /// The protocol that it speaks: one that there is a codec for, built in or added by `register_codec`.
  provider_kind kind = provider_kind::openai;
  /// HOST:PORT of the node where the provider of this name lives. Empty: this process asks it itself. With a
  /// node, kind, base URL, keys and headers are not looked at.
  std::string node{};
  /// As the kind's own SDK takes it: http or https, a path and a query are kept.
  std::string base_url{};
  /// Asked for unless a request names one. Not empty.
  std::string model{};
  /// What texts become vectors with unless a request names one. Empty: the kind's own, or the other node's.
  std::string embedding_model{};
  /// Providers that call the same embedding model by different names say so with one text here: only they stand in
  /// for each other, since vectors of different models can't be compared. Empty: the model's name.
  std::string embedding_space{};
  /// Tried round robin; one that is refused is put aside for 10 min to 1 h, or until a reload. Empty: no authentication.
  std::vector<std::string> keys{};
  /// How a key is sent. Absent: as is usual at this host, or for this kind.
  std::optional<auth_scheme> auth{};
  /// With auth_scheme::aws_sigv4: the region that a signature names. Empty: the host's.
  std::string region{};
  /// The content of a credentials file of Google, which keys are made of instead of `keys`; they are sent as bearer
  /// tokens. Empty: none.
  std::string google_credentials{};
  /// Where keys come from instead of `keys`: one's own source, of keys that expire. Unless `auth` says otherwise they
  /// are sent as is usual at this host, or for this kind.
  std::shared_ptr<key_source> source{};
  /// Sent with every call.
  http_headers extra_headers{};
  /// Stand above settings::params.
  parameters params{};
  /// Stand above settings::timeouts.
  timeout_settings timeouts{};
  /// Stands above settings::timeout.
  std::optional<milliseconds> timeout{};
  /// Stands above settings::max_retries.
  std::optional<std::uint32_t> max_retries{};
  /// Stands above settings::retry_delay.
  std::optional<milliseconds> retry_delay{};
  /// Stands above settings::max_in_flight.
  std::optional<std::uint32_t> max_in_flight{};
  /// Stands above settings::max_queued.
  std::optional<std::uint32_t> max_queued{};
  /// Stands above settings::queue_timeout.
  std::optional<milliseconds> queue_timeout{};

  bool operator==(const provider_settings&) const = default;
};

/// All that the runtime can be told. Built in code, or by config/ from environment, file and flags.
struct settings {
  /// The chain: tried in this order.
  std::vector<provider_settings> providers{};
  /// What the user asked for; parameters that are absent here fall back to `default_parameters`.
  parameters params{};
  /// LLM_TIMEOUT_SECONDS: to the first token and between tokens of a stream; in all when not streaming.
  milliseconds timeout{30'000};
  /// The deadlines one by one; those that are absent follow from `timeout`.
  timeout_settings timeouts{};
  /// Attempts per provider and request, the first included; 0 counts as 1. 0 to 20.
  std::uint32_t max_retries = 3;
  /// Before the second attempt at a provider; doubles from one to the next. 0 to 60 s.
  milliseconds retry_delay{1'000};
  /// For a whole request that names none. More than 0, at most 24 h.
  milliseconds request_deadline{300'000};
  /// Attempts per request over all providers. 1 to 100.
  std::uint32_t max_attempts = 12;
  /// Requests that run at once; one more is refused as overloaded. 1 to 1000000.
  std::uint32_t max_requests = 16'384;
  /// Attempts that run at once at a provider. 1 to 1000000.
  std::uint32_t max_in_flight = 4'096;
  /// Attempts that wait for such a place; one more goes to the next provider, or ends as overloaded. 0 to
  /// 1000000.
  std::uint32_t max_queued = 4'096;
  /// How long one waits at most. At least 0.
  milliseconds queue_timeout{2'000};
  /// Threads that talk to the providers; one does tens of thousands of requests a second. Read when the
  /// runtime starts: a reload changes nothing. 1 to 64.
  std::uint32_t transport_threads = 1;
  /// Retries that a provider gets over 10 s: so many per cent of the first attempts (0 to 1000), but at least
  /// `minimum` (0 to 1000000). One more goes to the next provider instead.
  retry_budget_config retry_budget{};
  /// Whether a provider whose first token is late is joined by the next one; the first content wins. Late is
  /// later than 95 % of the provider's own answers.
  bool hedge = false;
  /// What is late while fewer than 20 of its answers are known. More than 0, at most 24 h.
  milliseconds hedge_delay{1'000};
  /// Whether a provider's invalid_request goes to the next provider: what one refuses another may take. If all refuse,
  /// the first refusal is the error. What magna itself finds wrong with a request ends it in any case.
  bool fallback_on_invalid_request = true;
  /// Whether content_filtered goes to the next provider rather than to the requester.
  bool fallback_on_content_filter = false;
  /// Whether thoughts that a requester has seen bind the request to their provider, as text does. If not, another
  /// one may take over until there is text.
  bool commit_on_reasoning = false;
  /// Consecutive failures that open a provider's circuit. 1 to 100.
  std::uint32_t failure_threshold = 3;
  /// How long an open circuit rests before its first probe; doubles up to max_cooldown.
  milliseconds cooldown{30'000};
  /// The longest such rest. At least `cooldown`, at most 24 h.
  milliseconds max_cooldown{300'000};
  /// How long running requests may go on after a shutdown began. At least 0.
  milliseconds drain_deadline{30'000};

  bool operator==(const settings&) const = default;
};

/// What magna suggests to models where neither request nor settings say anything: temperature 0.7 and
/// top_p 0.9, to models that take them.
MAGNA_EXPORT parameters default_parameters();

/// The base URL of a kind that the user said nothing about; empty if the kind has none, or is unknown.
MAGNA_EXPORT std::string default_base_url(const provider_kind& kind);
/// The model of a kind that the user said nothing about; empty if the kind has none, or is unknown.
MAGNA_EXPORT std::string default_model(const provider_kind& kind);

/// What a kind makes vectors with unless settings say otherwise; empty if settings must.
MAGNA_EXPORT std::string default_embedding_model(const provider_kind& kind);

/// Where a provider is, asked with one of its keys. It has the key's scheme also where only a source has keys.
MAGNA_EXPORT endpoint endpoint_of(const provider_settings& provider, std::string key);

/// The deadlines of an attempt at a provider, all scopes merged.
struct attempt_deadlines {
  /// As in timeout_settings, from the attempt's start.
  milliseconds connect{};
  /// As in timeout_settings.
  milliseconds response_headers{};
  /// As in timeout_settings.
  milliseconds first_token{};
  /// As in timeout_settings.
  milliseconds idle{};
  /// Absent: only the request's own deadline ends it.
  std::optional<milliseconds> total{};
};

/// The deadlines of an attempt at `provider`, which is one of `all`, for a request that streams or does not.
MAGNA_EXPORT attempt_deadlines deadlines_for(const settings& all, const provider_settings& provider,
                                             bool stream);

/// What a provider's settings have that must never be shown: keys, what keys are made of, values of headers, and what
/// the query of its base URL holds.
MAGNA_EXPORT std::vector<std::string> secrets_of(const provider_settings& provider);

/// What is wrong with a setting: its name as in the file ("provider[gemini].base_url"), its value (never a
/// key), and what is allowed.
struct setting_error {
  /// Its name in the file.
  std::string setting{};
  /// As it is; never a key.
  std::string value{};
  /// What it may be, in words.
  std::string allowed{};

  /// All three, in one line.
  MAGNA_EXPORT std::string to_string() const;
};

/// Every error, in the order of the fields; empty: the settings can be used.
MAGNA_EXPORT std::vector<setting_error> validate(const settings& all);

} // namespace magna
