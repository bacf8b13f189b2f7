#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <magna/providers/transport/http.hpp>

namespace magna {

/// No provider's delay is believed beyond this: a mistake of a server, such as an epoch number, must not put it away for
/// days.
inline constexpr std::chrono::milliseconds max_retry_delay = std::chrono::hours{1};

/// Reads a duration as Go and protobuf write it: "26.66s", "373.8ms", "1m30s", "2h". Rounds up to
/// milliseconds.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// Reads an HTTP date in its current form (RFC 9110, IMF-fixdate): "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept;

/// Reads a moment as RFC 3339 has it: "2026-11-26T08:49:37Z", "2026-11-26T08:49:37.5+01:00".
std::optional<std::chrono::sys_time<std::chrono::milliseconds>> parse_rfc3339(std::string_view text) noexcept;

/// Reads how long to wait in whichever form a header has it: seconds, a moment since the epoch in seconds or milliseconds,
/// a duration, an HTTP date or one of RFC 3339. At most max_retry_delay; nothing if it is none of them.
std::optional<std::chrono::milliseconds> parse_wait(std::string_view text,
                                                    std::chrono::system_clock::time_point now) noexcept;

/// What the headers say: `retry-after-ms` (OpenAI), then `retry-after` in seconds or as a date. A date counts
/// from the response's own `date`, else from `now`.
std::optional<std::chrono::milliseconds>
retry_delay_from_headers(const http_head& head, std::chrono::system_clock::time_point now) noexcept;

/// What prose says: "Please retry in 26.66s", "Please try again in 1m30s".
std::optional<std::chrono::milliseconds> retry_delay_from_prose(std::string_view message);

/// What `x-should-retry` says.
std::optional<bool> should_retry_from_headers(const http_head& head) noexcept;

} // namespace magna
