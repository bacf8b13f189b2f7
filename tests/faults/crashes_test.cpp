#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <magna/tests/faults/places.hpp>
#include <magna/tests/faults/scene.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Crashes";

template <class Handle>
void kill(const Handle& whom) {
  caf::anon_send_exit(whom, caf::exit_reason::kill);
}

// Who dies.

void provider(scene& x) {
  kill(x.provider("main"));
}

void generation(scene& x) {
  kill(x.generation());
}

void health_monitor(scene& x) {
  kill(x.health_monitor());
}

void orchestrator(scene& x) {
  kill(x.orchestrator());
}

void runtime_and_transport(scene& x) {
  x.destroy();
}

// When.

using deed = void (*)(scene&);

auto while_connecting(deed what) {
  return [what](scene& x) {
    x.until_connecting();
    what(x);
  };
}

auto when_requested(deed what) {
  return [what](scene& x) {
    x.until_requested();
    what(x);
  };
}

auto after_headers(deed what) {
  return [what](scene& x) {
    x.until_headers();
    what(x);
  };
}

auto mid_stream(deed what) {
  return [what](scene& x) {
    x.until_text(14);
    what(x);
  };
}

auto in_backoff(deed what) {
  return [what](scene& x) {
    x.until_backoff();
    what(x);
  };
}

/// Long enough for the supervisor to restart whom it must, and for a test to strike in between.
void backoff_of_300ms(settings& config) {
  config.retry_delay = 300ms;
}

/// The last word of a request's actor: its attempt was given up.
expectation crashed_after(std::uint64_t delivered) {
  auto result = attempts({{"main", errc::cancelled}}, errc::provider_error);
  result.delivered = delivered;
  return result;
}

expectation cancelled_after(std::uint64_t delivered) {
  return breaks(errc::cancelled, delivered);
}

} // namespace

SUITE("faults.crashes") {

// -- a provider's actor

FAULT_ROW(
  "a provider's crash while it connects is retried at its successor", .fault = "provider actor killed",
  .phase = phases::connect,
  .expect = attempts({{"main", errc::provider_error}, {"main", errc::timeout}, {"backup", std::nullopt}})
              .saying("the provider's actor ended"),
  .where = black_hole,
  .adjust =
    [](settings& config) {
      config.retry_delay = 300ms;
      config.providers.front().timeouts.connect = 500ms;
    },
  .meanwhile = while_connecting(provider))

FAULT_ROW("a provider's crash before the headers is retried at its successor",
          .fault = "provider actor killed", .phase = phases::headers,
          .expect = asked_again(errc::provider_error).saying("the provider's actor ended"),
          .steps{"stall, ok"}, .adjust = backoff_of_300ms, .meanwhile = when_requested(provider),
          .again = true)

FAULT_ROW("a provider's crash before the first token is retried at its successor",
          .fault = "provider actor killed", .phase = phases::first_token,
          .expect = asked_again(errc::provider_error).saying("the provider's actor ended"),
          .steps{"stall(at=headers), ok"}, .adjust = backoff_of_300ms, .meanwhile = after_headers(provider),
          .again = true)

FAULT_ROW("a provider's crash in the middle of a stream is one failure", .fault = "provider actor killed",
          .phase = phases::stream,
          .expect = breaks(errc::provider_error, 14).saying("the provider's actor ended"),
          .steps{"stall(after=3), ok"}, .meanwhile = mid_stream(provider), .again = true)

FAULT_ROW("a provider's crash between two attempts goes unnoticed", .fault = "provider actor killed",
          .phase = phases::backoff, .expect = asked_again(errc::provider_error), .steps{"html_200, ok"},
          .adjust = backoff_of_300ms, .meanwhile = in_backoff(provider), .again = true)

FAULT_ROW("a provider's crash is retried at its successor, also without streaming",
          .fault = "provider actor killed", .phase = phases::whole,
          .expect = asked_again(errc::provider_error).saying("the provider's actor ended"),
          .steps{"stall(after=3), ok"}, .adjust = backoff_of_300ms, .meanwhile = after_headers(provider),
          .again = true)

// -- a generation: the request's own actor

FAULT_ROW("a generation's crash before the headers is one failure", .fault = "generation actor killed",
          .phase = phases::headers, .expect = crashed_after(0), .steps{"stall, ok"},
          .meanwhile = when_requested(generation), .open = true, .again = true)

FAULT_ROW("a generation's crash before the first token is one failure", .fault = "generation actor killed",
          .phase = phases::first_token, .expect = crashed_after(0), .steps{"stall(at=headers), ok"},
          .meanwhile = after_headers(generation), .open = true, .again = true)

FAULT_ROW("a generation's crash in the middle of a stream is one failure that knows what was delivered",
          .fault = "generation actor killed", .phase = phases::stream, .expect = crashed_after(14),
          .steps{"stall(after=3), ok"}, .meanwhile = mid_stream(generation), .open = true, .again = true)

FAULT_ROW("a generation's crash between two attempts is one failure", .fault = "generation actor killed",
          .phase = phases::backoff,
          .expect = attempts({{"main", errc::provider_error}}, errc::provider_error), .steps{"html_200, ok"},
          .adjust = backoff_of_300ms, .meanwhile = in_backoff(generation), .open = true, .again = true)

FAULT_ROW("a generation's crash is one failure, also without streaming", .fault = "generation actor killed",
          .phase = phases::whole, .expect = crashed_after(0), .steps{"stall(after=3), ok"},
          .meanwhile = after_headers(generation), .open = true, .again = true)

// -- the health monitor

FAULT_ROW("the health monitor's crash before the headers touches no request",
          .fault = "health monitor killed", .phase = phases::headers, .expect = completes(),
          .steps{"ok(delay=100)"}, .meanwhile = when_requested(health_monitor), .open = true, .again = true)

FAULT_ROW("the health monitor's crash before the first token touches no request",
          .fault = "health monitor killed", .phase = phases::first_token, .expect = completes(),
          .steps{"ok(first_token_delay=100)"}, .meanwhile = after_headers(health_monitor), .open = true,
          .again = true)

FAULT_ROW("the health monitor's crash in the middle of a stream touches no request",
          .fault = "health monitor killed", .phase = phases::stream, .expect = completes(),
          .steps{"ok(token_delay=10)"}, .meanwhile = mid_stream(health_monitor), .open = true, .again = true)

FAULT_ROW("the health monitor's crash between two attempts touches no request",
          .fault = "health monitor killed", .phase = phases::backoff,
          .expect = asked_again(errc::provider_error), .steps{"html_200, ok"}, .adjust = backoff_of_300ms,
          .meanwhile = in_backoff(health_monitor), .open = true, .again = true)

FAULT_ROW("the health monitor's crash touches no request without streaming", .fault = "health monitor killed",
          .phase = phases::whole, .expect = completes(), .steps{"ok(delay=100)"},
          .meanwhile = when_requested(health_monitor), .open = true, .again = true)

// -- the orchestrator

FAULT_ROW("the orchestrator's crash before the headers touches no request", .fault = "orchestrator killed",
          .phase = phases::headers, .expect = completes(), .steps{"ok(delay=100)"},
          .meanwhile = when_requested(orchestrator), .again = true)

FAULT_ROW("the orchestrator's crash before the first token touches no request",
          .fault = "orchestrator killed", .phase = phases::first_token, .expect = completes(),
          .steps{"ok(first_token_delay=100)"}, .meanwhile = after_headers(orchestrator), .again = true)

FAULT_ROW("the orchestrator's crash in the middle of a stream touches no request",
          .fault = "orchestrator killed", .phase = phases::stream, .expect = completes(),
          .steps{"ok(token_delay=10)"}, .meanwhile = mid_stream(orchestrator), .again = true)

FAULT_ROW("the orchestrator's crash between two attempts touches no request", .fault = "orchestrator killed",
          .phase = phases::backoff, .expect = asked_again(errc::provider_error), .steps{"html_200, ok"},
          .adjust = backoff_of_300ms, .meanwhile = in_backoff(orchestrator), .again = true)

FAULT_ROW("the orchestrator's crash touches no request without streaming", .fault = "orchestrator killed",
          .phase = phases::whole, .expect = completes(), .steps{"ok(delay=100)"},
          .meanwhile = when_requested(orchestrator), .again = true)

// -- the runtime, and the owner of the transport's thread with it

FAULT_ROW("a runtime that is destroyed while it connects cancels the request",
          .fault = "runtime and transport destroyed", .phase = phases::connect, .expect = cancelled_after(0),
          .where = black_hole, .meanwhile = while_connecting(runtime_and_transport))

FAULT_ROW("a runtime that is destroyed before the headers cancels the request",
          .fault = "runtime and transport destroyed", .phase = phases::headers, .expect = cancelled_after(0),
          .steps{"stall"}, .meanwhile = when_requested(runtime_and_transport))

FAULT_ROW("a runtime that is destroyed before the first token cancels the request",
          .fault = "runtime and transport destroyed", .phase = phases::first_token,
          .expect = cancelled_after(0), .steps{"stall(at=headers)"},
          .meanwhile = after_headers(runtime_and_transport))

FAULT_ROW("a runtime that is destroyed in the middle of a stream cancels the request",
          .fault = "runtime and transport destroyed", .phase = phases::stream, .expect = cancelled_after(14),
          .steps{"stall(after=3)"}, .meanwhile = mid_stream(runtime_and_transport))

FAULT_ROW(
  "a runtime that is destroyed between two attempts cancels the request at once",
  .fault = "runtime and transport destroyed", .phase = phases::backoff,
  .expect = attempts({{"main", errc::provider_error}}, errc::cancelled), .steps{"html_200"},
  .adjust = [](settings& config) { config.retry_delay = 15s; },
  .meanwhile = in_backoff(runtime_and_transport))

FAULT_ROW("a runtime that is destroyed cancels the request, also without streaming",
          .fault = "runtime and transport destroyed", .phase = phases::whole, .expect = cancelled_after(0),
          .steps{"stall(after=3)"}, .meanwhile = after_headers(runtime_and_transport))

} // SUITE("faults.crashes")
