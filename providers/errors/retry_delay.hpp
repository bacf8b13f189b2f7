#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <magna/providers/transport/http.hpp>

namespace magna {

/// No provider's delay is believed beyond this.
inline constexpr std::chrono::milliseconds max_retry_delay = std::chrono::hours{24 * 31};

/// Reads a duration as Go and protobuf write it: "26.66s", "373.8ms", "1m30s", "2h". Rounds up to
/// milliseconds.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// Reads an HTTP date in its current form (RFC 9110, IMF-fixdate): "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept;

/// What the headers say: `retry-after-ms` (OpenAI), then `retry-after` in seconds or as a date. A date counts
/// from the response's own `date`, else from `now`.
std::optional<std::chrono::milliseconds>
retry_delay_from_headers(const http_head& head, std::chrono::system_clock::time_point now) noexcept;

/// What prose says: "Please retry in 26.66s", "Please try again in 1m30s".
std::optional<std::chrono::milliseconds> retry_delay_from_prose(std::string_view message);

/// What `x-should-retry` says.
std::optional<bool> should_retry_from_headers(const http_head& head) noexcept;

} // namespace magna
