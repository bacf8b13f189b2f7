#include <magna/tests/faults/scripted_server.hpp>

#include "wire.hpp"

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Silence";

timeout_settings& deadlines_of_main(settings& config) {
  return config.providers.front().timeouts;
}

void headers_within_200ms(settings& config) {
  deadlines_of_main(config).response_headers = 200ms;
}

void first_token_within_200ms(settings& config) {
  deadlines_of_main(config).first_token = 200ms;
  deadlines_of_main(config).response_headers = 20s;
}

void idle_for_200ms(settings& config) {
  deadlines_of_main(config).idle = 200ms;
}

void idle_for_500ms(settings& config) {
  deadlines_of_main(config).idle = 500ms;
}

void attempt_within_200ms(settings& config) {
  deadlines_of_main(config).total = 200ms;
}

} // namespace

SUITE("faults.silence") {

FAULT_ROW("a server that accepts and says nothing misses the deadline of the headers",
          .fault = "silent after accept", .phase = phases::headers,
          .expect = twice_then_backup(errc::timeout).saying("response_headers_timeout_seconds").taking(400ms),
          .steps{"stall"}, .adjust = headers_within_200ms)

FAULT_ROW("a server that accepts and says nothing misses the deadline of the whole attempt without streaming",
          .fault = "silent after accept", .phase = phases::whole,
          .expect = twice_then_backup(errc::timeout).saying("attempt_timeout_seconds").taking(400ms),
          .steps{"stall"}, .adjust = attempt_within_200ms)

FAULT_ROW("headers and then silence miss the deadline of the first token", .fault = "headers, then silence",
          .phase = phases::first_token,
          .expect = twice_then_backup(errc::timeout).saying("first_token_timeout_seconds").taking(400ms),
          .steps{"stall(at=headers)"}, .adjust = first_token_within_200ms)

FAULT_ROW("silence between tokens misses the idle deadline, after what was delivered",
          .fault = "silence between tokens", .phase = phases::stream,
          .expect = breaks(errc::timeout, 14).saying("idle_timeout_seconds").taking(200ms),
          .steps{"stall(after=3)"}, .adjust = idle_for_200ms)

FAULT_ROW("bytes that make no event do not keep a stream from being idle", .fault = "one byte at a time",
          .phase = phases::stream,
          .expect = breaks(errc::timeout, 5).saying("idle_timeout_seconds").taking(200ms),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + wire::token(x.kind(), "Hello"));
            const auto slowly = wire::token(x.kind(), std::string(1000, 'x'));
            for (const auto byte : slowly) {
              if (!x.write({&byte, 1}))
                return;
              x.wait(20ms);
            }
          }),
          .adjust = idle_for_200ms)

FAULT_ROW("pings keep a stream from being idle", .fault = "silence between tokens, with pings",
          .phase = phases::stream, .expect = completes().with_text("Hello! This is").taking(1200ms),
          .steps{"ok(tokens=3, token_delay=600, ping=50)"}, .adjust = idle_for_500ms)

} // SUITE("faults.silence")
