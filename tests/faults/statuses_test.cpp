#include <magna/tests/faults/row.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "HTTP statuses";

/// The steps of a status with a body that says no more than the status does.
std::string status(std::string_view number, std::string_view more = {}) {
  return "raw(status=" + std::string{number} + ", body=\"{}\"" + std::string{more} + ")";
}

/// A wait that the request can't take: thirty seconds, with twenty left.
expectation fails_and_says_30s() {
  return fails(errc::rate_limited).with_retry_after(30s, 30s);
}

} // namespace

SUITE("faults.statuses") {

// -- each status, streaming and not

#define STATUS_ROWS(number, meaning, expected)                                                               \
  FAULT_ROW("a " number " " meaning, .fault = number, .phase = phases::headers, .expect = expected,          \
            .steps{status(number)})                                                                          \
  namespace without_streaming {                                                                              \
  FAULT_ROW("a " number " " meaning ", also without streaming", .fault = number, .phase = phases::whole,     \
            .expect = expected, .steps{status(number)})                                                      \
  }

STATUS_ROWS("408", "is a timeout, and tried again", twice_then_backup(errc::timeout))
STATUS_ROWS("409", "goes to the backup at once", backup_at_once(errc::provider_unavailable))
STATUS_ROWS("429", "goes to the backup at once", backup_at_once(errc::rate_limited))
STATUS_ROWS("500", "goes to the backup at once", backup_at_once(errc::provider_unavailable))
STATUS_ROWS("502", "goes to the backup at once", backup_at_once(errc::provider_unavailable))
STATUS_ROWS("503", "goes to the backup at once", backup_at_once(errc::provider_unavailable))
STATUS_ROWS("504", "is a timeout, and tried again", twice_then_backup(errc::timeout))
STATUS_ROWS("529", "goes to the backup at once", backup_at_once(errc::provider_unavailable))
STATUS_ROWS("400", "goes to the backup at once", backup_at_once(errc::invalid_request))
STATUS_ROWS("401", "goes to the backup at once", backup_at_once(errc::authentication_failed))
STATUS_ROWS("403", "goes to the backup at once", backup_at_once(errc::authentication_failed))
STATUS_ROWS("404", "goes to the backup at once", backup_at_once(errc::model_not_found))

#undef STATUS_ROWS

// -- redirects

FAULT_ROW(
  "a redirect is not followed: a key must not go where nobody sent it", .fault = "redirect, 302",
  .phase = phases::headers,
  .expect = twice_then_backup(errc::provider_error).saying("a redirect to /elsewhere, is not followed"),
  .steps{status("302", ", header=\"Location: /elsewhere\"")})

FAULT_ROW(
  "a redirect that keeps the method is not followed either", .fault = "redirect, 307", .phase = phases::whole,
  .expect = twice_then_backup(errc::provider_error).saying("a redirect to /elsewhere, is not followed"),
  .steps{status("307", ", header=\"Location: /elsewhere\"")})

// -- a rate limit with a delay that is too long for the request

FAULT_ROW("Retry-After in seconds beyond the deadline fails at once and is passed on",
          .fault = "429, Retry-After of 30 s", .phase = phases::headers, .expect = fails_and_says_30s(),
          .steps{status("429", ", header=\"Retry-After: 30\"")}, .alone = true)

FAULT_ROW("Retry-After as a date beyond the deadline fails at once and is passed on",
          .fault = "429, Retry-After as a date in 30 s", .phase = phases::headers,
          .expect = fails(errc::rate_limited).with_retry_after(28s, 31s),
          .steps{"rate_limited(retry_after=30, retry_form=date)"}, .alone = true)

FAULT_ROW("retry-after-ms beyond the deadline fails at once and is passed on",
          .fault = "429, retry-after-ms of 30000", .phase = phases::headers, .expect = fails_and_says_30s(),
          .steps{status("429", ", header=\"retry-after-ms: 30000\"")}, .alone = true)

FAULT_ROW(
  "the delay in the error's details, as Gemini sends it, fails at once and is passed on",
  .fault = "429, RetryInfo of 30 s", .phase = phases::headers, .expect = fails_and_says_30s(),
  .steps{
    R"(raw(status=429, body="{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"message\":\"slow\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"30s\"}]}}"))"},
  .alone = true)

FAULT_ROW("the delay in the error's prose fails at once and is passed on", .fault = "429, \"retry in 30s\"",
          .phase = phases::headers, .expect = fails_and_says_30s(),
          .steps{
            R"(raw(status=429, body="{\"error\":{\"message\":\"Quota exceeded. Please retry in 30s.\"}}"))"},
          .alone = true)

FAULT_ROW(
  "a delay above a minute fails at once, whatever the deadline", .fault = "429, Retry-After of 61 s",
  .phase = phases::headers, .expect = fails(errc::rate_limited).with_retry_after(61s, 61s),
  .steps{status("429", ", header=\"Retry-After: 61\"")},
  .adjust = [](settings& config) { config.request_deadline = 300s; }, .alone = true)

FAULT_ROW("a 503 beyond the deadline fails at once and its delay is passed on",
          .fault = "503, Retry-After of 30 s", .phase = phases::headers,
          .expect = fails(errc::provider_unavailable).with_retry_after(30s, 30s),
          .steps{status("503", ", header=\"Retry-After: 30\"")}, .alone = true)

// -- a rate limit that can be waited out, or not at all

FAULT_ROW("a provider that is alone is asked again after the delay that it named",
          .fault = "429, retry-after-ms of 300, alone", .phase = phases::headers,
          .expect = asked_again(errc::rate_limited).taking(300ms),
          .steps{status("429", ", header=\"retry-after-ms: 300\"") + ", ok"}, .alone = true)

FAULT_ROW("a provider that is alone is asked again after the seconds that it named",
          .fault = "429, Retry-After of 1 s, alone", .phase = phases::whole,
          .expect = asked_again(errc::rate_limited).taking(1000ms),
          .steps{status("429", ", header=\"Retry-After: 1\"") + ", ok"}, .alone = true)

FAULT_ROW("a provider that is alone and names no delay is asked again with backoff", .fault = "429, alone",
          .phase = phases::headers, .expect = asked_again(errc::rate_limited), .steps{status("429") + ", ok"},
          .alone = true)

FAULT_ROW("with a backup nobody waits: the delay is for later requests",
          .fault = "429, Retry-After of 30 s, backup", .phase = phases::headers,
          .expect = backup_at_once(errc::rate_limited), .steps{status("429", ", header=\"Retry-After: 30\"")})

FAULT_ROW("a provider's word that a retry is pointless is taken",
          .fault = "429, x-should-retry: false, alone", .phase = phases::headers,
          .expect = fails(errc::rate_limited), .steps{status("429", ", header=\"x-should-retry: false\"")},
          .alone = true)

FAULT_ROW("a provider's word that a retry is pointless is taken also for a timeout",
          .fault = "504, x-should-retry: false", .phase = phases::headers,
          .expect = backup_at_once(errc::timeout),
          .steps{status("504", ", header=\"x-should-retry: false\"")})

FAULT_ROW("an error's body that breaks off is still the error of its status", .fault = "503, body cut",
          .phase = phases::headers, .expect = backup_at_once(errc::provider_unavailable),
          .steps{"cut(after=1, status=503)"})

} // SUITE("faults.statuses")
