#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <caf/error.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/enum_inspect.hpp>
#include <magna/messages/export.hpp>

namespace magna {

/// Why an attempt or a whole request did not succeed. The values are part of the wire format between
/// nodes: append only.
enum class errc : std::uint8_t {
  /// The provider asked us to slow down, or a quota is used up (HTTP 429).
  rate_limited = 1,
  /// One of the attempt's deadlines fired (connect, response headers, first token, idle, total), or the
  /// provider said that its own did (HTTP 408, 504).
  timeout = 2,
  /// The provider can't be reached or can't serve now: connection refused or reset, DNS, HTTP 5xx.
  provider_unavailable = 3,
  /// The key is missing or wrong, or the account or the place that asks lacks the permission (HTTP 401, 403, 451).
  authentication_failed = 4,
  /// The provider answered something that can't be understood, or failed in a way of its own.
  provider_error = 5,
  /// The answer ended without the provider's proof of completion.
  stream_truncated = 6,
  /// The provider does not know the model.
  model_not_found = 7,
  /// The conversation is longer than the model's context window.
  context_length_exceeded = 8,
  /// The provider refused the prompt or the answer for its content.
  content_filtered = 9,
  /// The request itself is wrong, or everybody that was asked says so.
  invalid_request = 10,
  /// The requester cancelled, or is gone.
  cancelled = 11,
  /// The deadline of the whole request passed.
  deadline_exceeded = 12,
  /// magna itself takes no more work now.
  overloaded = 13,
  /// Every provider of the chain was tried and failed; the attempts say how.
  all_providers_failed = 14,
  /// The node that served the request is gone, or none can be reached.
  node_lost = 15,
};

/// How many values errc has; a switch over all of them is checked against it in the tests.
inline constexpr std::uint8_t errc_count = 15;
static_assert(static_cast<std::uint8_t>(errc::node_lost) == errc_count);

/// The name as it appears in JSON, logs and docs, for instance "rate_limited".
MAGNA_EXPORT std::string to_string(errc x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, errc& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, errc& x);

/// Whether a failure with this code counts against the provider's health: it does unless the request itself
/// or its requester was the cause.
MAGNA_EXPORT bool counts_against_health(errc x) noexcept;

template <class Inspector>
bool inspect(Inspector& f, errc& x) {
  return inspect_enum(f, x, errc::provider_error);
}

} // namespace magna

CAF_ERROR_CODE_ENUM(magna::errc)
