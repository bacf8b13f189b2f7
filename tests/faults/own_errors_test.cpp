#include <magna/tests/faults/row.hpp>

using namespace magna;
using namespace magna::test;

namespace {

/// Errors in each provider's own words: the simulator's reply_*.cpp have their bodies.
constexpr std::string_view chapter = "The providers' own errors";

/// The same step for all but Ollama, which says it in another way.
per_kind<std::string> but_ollama(const std::string& step, const std::string& of_ollama) {
  return {step, step, step, of_ollama};
}

} // namespace

SUITE("faults.own errors") {

// -- the provider can't

FAULT_ROW("a provider that says it is overloaded is left for the backup at once", .fault = "overloaded",
          .phase = phases::headers, .expect = backup_at_once(errc::provider_unavailable),
          .steps{"overloaded"})

FAULT_ROW("a provider that says it is overloaded is left for the backup at once, also without streaming",
          .fault = "overloaded", .phase = phases::whole, .expect = backup_at_once(errc::provider_unavailable),
          .steps{"overloaded"})

FAULT_ROW("an overload that is told inside a stream is not committed", .fault = "overloaded, told in a 200",
          .phase = phases::first_token, .expect = backup_at_once(errc::provider_unavailable),
          .steps{"stream_error(after=0, error=overloaded)"})

FAULT_ROW("an overload that is told after three tokens is one failure", .fault = "overloaded, told in a 200",
          .phase = phases::stream, .expect = breaks(errc::provider_unavailable, 14),
          .steps{"stream_error(after=3, error=overloaded)"})

FAULT_ROW("an error of the provider's own goes to the backup at once", .fault = "internal error",
          .phase = phases::headers, .expect = backup_at_once(errc::provider_unavailable),
          .steps{"server_error"})

// -- too many requests

FAULT_ROW("a rate limit goes to the backup at once", .fault = "rate limit", .phase = phases::headers,
          .expect = backup_at_once(errc::rate_limited), .steps{"rate_limited"})

FAULT_ROW("a rate limit goes to the backup at once, also without streaming", .fault = "rate limit",
          .phase = phases::whole, .expect = backup_at_once(errc::rate_limited), .steps{"rate_limited"})

FAULT_ROW("a rate limit's delay is waited out where the provider is alone",
          .fault = "rate limit, a delay of 1 s, alone", .phase = phases::headers,
          .expect = asked_again(errc::rate_limited).taking(1000ms), .steps{"rate_limited(retry_after=1), ok"},
          .alone = true)

FAULT_ROW("a rate limit's delay that is too long fails at once and is passed on",
          .fault = "rate limit, a delay of 30 s, alone", .phase = phases::headers,
          .expect = fails(errc::rate_limited).with_retry_after(30s, 30s),
          .steps{"rate_limited(retry_after=30)"}, .alone = true)

FAULT_ROW("a rate limit that is told inside a stream goes to the backup at once",
          .fault = "rate limit, told in a 200", .phase = phases::first_token,
          .expect = backup_at_once(errc::rate_limited), .steps{"stream_error(after=0, error=rate_limited)"})

FAULT_ROW_WITHOUT_OLLAMA("money that is used up is not waited for", .fault = "quota used up, alone",
                         .phase = phases::headers, .expect = fails(errc::rate_limited),
                         .steps{"quota_exhausted"}, .alone = true)

// -- the key

FAULT_ROW("a key that is wrong goes to the backup at once", .fault = "wrong key", .phase = phases::headers,
          .expect = backup_at_once(errc::authentication_failed),
          .steps = but_ollama("bad_key", "unauthorized"))

FAULT_ROW("a key that may not do this goes to the backup at once", .fault = "forbidden key",
          .phase = phases::headers, .expect = backup_at_once(errc::authentication_failed),
          .steps{"forbidden"})

// -- the request

FAULT_ROW("a model that does not exist goes to the backup at once", .fault = "unknown model",
          .phase = phases::headers, .expect = backup_at_once(errc::model_not_found),
          .steps{"model_not_found"})

FAULT_ROW("a model that does not exist goes to the backup at once, also without streaming",
          .fault = "unknown model", .phase = phases::whole, .expect = backup_at_once(errc::model_not_found),
          .steps{"model_not_found"})

FAULT_ROW("a prompt that is too long goes to the backup at once: another model may take it",
          .fault = "prompt too long", .phase = phases::headers,
          .expect = backup_at_once(errc::context_length_exceeded), .steps{"context_length"})

FAULT_ROW("a prompt that is too long goes to the backup at once, also without streaming",
          .fault = "prompt too long", .phase = phases::whole,
          .expect = backup_at_once(errc::context_length_exceeded), .steps{"context_length"})

FAULT_ROW("a request of too many bytes for one provider goes to the backup", .fault = "request too large",
          .phase = phases::headers, .expect = backup_at_once(errc::invalid_request),
          .steps{"payload_too_large"})

FAULT_ROW("a request that one provider calls wrong goes to the backup", .fault = "bad request",
          .phase = phases::headers, .expect = backup_at_once(errc::invalid_request), .steps{"bad_request"})

FAULT_ROW(
  "a request that one provider calls wrong ends there if so configured", .fault = "bad request, no fallback",
  .phase = phases::headers, .expect = fails(errc::invalid_request), .steps{"bad_request"},
  .adjust = [](settings& x) { x.fallback_on_invalid_request = false; })

FAULT_ROW_WITHOUT_OLLAMA(
  "a parameter that the model refuses is left out, in the same attempt", .fault = "parameter refused",
  .phase = phases::headers, .expect = completes(), .steps{"unsupported_parameter(param=temperature)"},
  .adjust = [](settings& x) { x.params.temperature = 0.5; })

// -- the content

FAULT_ROW_WITHOUT_OLLAMA("an answer that a filter stops is one failure, after what was delivered",
                         .fault = "stopped by a filter", .phase = phases::stream,
                         .expect = breaks(errc::content_filtered, 14),
                         .steps{"safety_stop(text=\"One two three.\")"})

FAULT_ROW_WITHOUT_OLLAMA("a filter that stops an answer before its first token is one failure, too",
                         .fault = "stopped by a filter", .phase = phases::first_token,
                         .expect = fails(errc::content_filtered), .steps{"safety_stop(text=\"\")"})

FAULT_ROW_WITHOUT_OLLAMA("an answer that a filter stops is no answer, also without streaming",
                         .fault = "stopped by a filter", .phase = phases::whole,
                         .expect = fails(errc::content_filtered), .steps{"safety_stop"})

} // SUITE("faults.own errors")
