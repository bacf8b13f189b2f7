#include <magna/tests/faults/scripted_server.hpp>

#include "wire.hpp"

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Silence";

/// The system takes the connection and the request; nobody ever reads it.
place nobody_accepts(provider_kind) {
  auto made = std::make_shared<raw_server>();
  return {"http://" + made->authority(), made};
}

timeout_settings& deadlines_of_main(settings& config) {
  return config.providers.front().timeouts;
}

void headers_within_100ms(settings& config) {
  deadlines_of_main(config).response_headers = 100ms;
}

void first_token_within_100ms(settings& config) {
  deadlines_of_main(config).first_token = 100ms;
  deadlines_of_main(config).response_headers = 20s;
}

void idle_for_100ms(settings& config) {
  deadlines_of_main(config).idle = 100ms;
}

void idle_for_300ms(settings& config) {
  deadlines_of_main(config).idle = 300ms;
}

void attempt_within_100ms(settings& config) {
  deadlines_of_main(config).total = 100ms;
}

} // namespace

SUITE("faults.silence") {

FAULT_ROW("a server that accepts and says nothing misses the deadline of the headers",
          .fault = "silent after accept", .phase = phases::headers,
          .expect = twice_then_backup(errc::timeout).saying("response_headers_timeout_seconds").taking(200ms),
          .steps{"stall"}, .adjust = headers_within_100ms)

FAULT_ROW("a server that accepts and says nothing misses the deadline of the attempt without streaming",
          .fault = "silent after accept", .phase = phases::whole_headers,
          .expect = twice_then_backup(errc::timeout).saying("attempt_timeout_seconds").taking(200ms),
          .steps{"stall"}, .adjust = attempt_within_100ms)

FAULT_ROW("a server that never accepts misses the deadline of the headers: its system took the connection",
          .fault = "never accepted", .phase = phases::headers,
          .expect = twice_then_backup(errc::timeout).saying("response_headers_timeout_seconds").taking(200ms),
          .where = nobody_accepts, .adjust = headers_within_100ms)

FAULT_ROW("headers and then silence miss the deadline of the first token", .fault = "headers, then silence",
          .phase = phases::first_token,
          .expect = twice_then_backup(errc::timeout).saying("first_token_timeout_seconds").taking(200ms),
          .steps{"stall(at=headers)"}, .adjust = first_token_within_100ms)

FAULT_ROW("headers and then silence miss the deadline of the attempt without streaming",
          .fault = "headers, then silence", .phase = phases::whole_body,
          .expect = twice_then_backup(errc::timeout).saying("attempt_timeout_seconds").taking(200ms),
          .steps{"stall(at=headers)"}, .adjust = attempt_within_100ms)

FAULT_ROW("pings do not stand for the first token", .fault = "headers, then pings",
          .phase = phases::first_token,
          .expect = twice_then_backup(errc::timeout).saying("first_token_timeout_seconds").taking(200ms),
          .steps{"stall(at=headers, ping=50)"}, .adjust = first_token_within_100ms)

FAULT_ROW("reasoning ends the wait for the first token, and silence after it is idle, and tried again",
          .fault = "silence after reasoning", .phase = phases::first_token,
          .expect = twice_then_backup(errc::timeout).saying("idle_timeout_seconds").taking(200ms),
          .steps{"stall(after=0, reasoning=\"Let me think about that.\")"}, .adjust = idle_for_100ms)

FAULT_ROW("silence between tokens misses the idle deadline, after what was delivered",
          .fault = "silence between tokens", .phase = phases::stream,
          .expect = breaks(errc::timeout, 14).saying("idle_timeout_seconds").taking(100ms),
          .steps{"stall(after=3)"}, .adjust = idle_for_100ms)

FAULT_ROW("half a line and then silence misses the idle deadline", .fault = "silence inside a line",
          .phase = phases::stream,
          .expect = breaks(errc::timeout, 11).saying("idle_timeout_seconds").taking(100ms),
          .steps{"stall(at=line, after=2)"}, .adjust = idle_for_100ms)

FAULT_ROW("pings keep a stream from being idle", .fault = "silence between tokens, with pings",
          .phase = phases::stream, .expect = completes().with_text("Hello! This is").taking(800ms),
          .steps{"ok(tokens=3, token_delay=400, ping=30)"}, .adjust = idle_for_300ms)

FAULT_ROW("silence after the finish reason ends in the complete answer",
          .fault = "silence after the finish reason", .phase = phases::end,
          .expect{completes(), completes(),
                  breaks(errc::timeout, 73)
                    .saying("idle_timeout_seconds")
                    .taking(100ms)
                    .noting("`message_stop` is missing"),
                  completes()},
          .steps{"stall(at=finish)"}, .adjust = idle_for_100ms)

FAULT_ROW("silence inside a document misses the deadline of the attempt",
          .fault = "silence inside the document", .phase = phases::whole_body,
          .expect = twice_then_backup(errc::timeout).saying("attempt_timeout_seconds").taking(200ms),
          .steps{"stall(after=3)"}, .adjust = attempt_within_100ms)

FAULT_ROW("one byte at a time is not a first token", .fault = "one byte at a time",
          .phase = phases::first_token,
          .expect = twice_then_backup(errc::timeout).saying("first_token_timeout_seconds").taking(200ms),
          .steps{"ok(byte_delay=20)"}, .adjust = first_token_within_100ms)

FAULT_ROW("bytes that make no event do not keep a stream from being idle", .fault = "one byte at a time",
          .phase = phases::stream,
          .expect = breaks(errc::timeout, 5).saying("idle_timeout_seconds").taking(100ms),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + wire::token(x.kind(), "Hello"));
            const auto slowly = wire::token(x.kind(), std::string(1000, 'x'));
            for (const auto byte : slowly) {
              if (!x.write({&byte, 1}))
                return;
              x.wait(20ms);
            }
          }),
          .adjust = idle_for_100ms)

FAULT_ROW("a document that comes byte by byte misses the deadline of the attempt",
          .fault = "one byte at a time", .phase = phases::whole_body,
          .expect = twice_then_backup(errc::timeout).saying("attempt_timeout_seconds").taking(200ms),
          .steps{"ok(byte_delay=20)"}, .adjust = attempt_within_100ms)

} // SUITE("faults.silence")
