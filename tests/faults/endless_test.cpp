#include <magna/tests/faults/scripted_server.hpp>

#include "wire.hpp"

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Without end";

constexpr std::size_t forty_megabytes = std::size_t{40} << 20;

void attempt_within_200ms(settings& config) {
  config.providers.front().timeouts.total = 200ms;
}

void request_within_200ms(settings& config) {
  config.request_deadline = 200ms;
}

/// One attempt per provider: these rows move much data.
void one_attempt(settings& config) {
  config.max_retries = 1;
}

} // namespace

SUITE("faults.endless") {

FAULT_ROW("a stream without end meets the deadline of the attempt", .fault = "endless stream",
          .phase = phases::stream,
          .expect = breaks(errc::timeout, std::nullopt).saying("attempt_timeout_seconds").taking(200ms),
          .steps{"ok(endless=true, token_delay=5)"}, .adjust = attempt_within_200ms)

FAULT_ROW("a stream without end meets the deadline of the request",
          .fault = "endless stream, request deadline", .phase = phases::stream,
          .expect = breaks(errc::deadline_exceeded, std::nullopt).taking(200ms),
          .steps{"ok(endless=true, token_delay=5)"}, .adjust = request_within_200ms)

FAULT_ROW("reasoning without end meets the deadline of the request, and commits nothing",
          .fault = "endless reasoning, request deadline", .phase = phases::first_token,
          .expect = fails(errc::deadline_exceeded).taking(200ms),
          .where = scripted([](exchange& x) {
            if (!x.write(wire::head(x.kind(), true)))
              return;
            while (x.write(wire::reasoning(x.kind(), "hm")))
              x.wait(5ms);
          }),
          .adjust = request_within_200ms)

FAULT_ROW("a document without end meets the deadline of the attempt", .fault = "endless document",
          .phase = phases::whole_body,
          .expect = twice_then_backup(errc::timeout).saying("attempt_timeout_seconds").taking(400ms),
          .steps{"ok(endless=true, token_delay=5)"}, .adjust = attempt_within_200ms)

FAULT_ROW("headers without end are given up, not kept", .fault = "endless headers", .phase = phases::headers,
          .expect = twice_then_backup(errc::provider_error).saying("the headers of"),
          .where = scripted([](exchange& x) {
            if (!x.write("HTTP/1.1 200 OK\r\n"))
              return;
            while (x.write("X-Filler: " + std::string(1000, 'x') + "\r\n")) {}
          }))

FAULT_ROW("interim responses without end are given up", .fault = "endless 1xx", .phase = phases::headers,
          .expect = twice_then_backup(errc::provider_error).saying("the headers of"),
          .where = scripted([](exchange& x) {
            std::string many;
            for (int i = 0; i < 100; ++i)
              many += "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
            while (x.write(many)) {}
          }))

FAULT_ROW("an event of 40 MB is given up, not kept", .fault = "a line of 40 MB", .phase = phases::first_token,
          .expect = backup_at_once(errc::provider_error).saying("longer than 32 MiB"),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + wire::token(x.kind(), std::string(forty_megabytes, 'x')));
          }),
          .adjust = one_attempt)

FAULT_ROW("an event of 40 MB after a token is one failure", .fault = "a line of 40 MB",
          .phase = phases::stream, .expect = breaks(errc::provider_error, 5).saying("longer than 32 MiB"),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + wire::token(x.kind(), "Hello")
                    + wire::token(x.kind(), std::string(forty_megabytes, 'x')));
          }),
          .adjust = one_attempt)

FAULT_ROW("a document of 40 MB is given up", .fault = "a document of 40 MB", .phase = phases::whole_body,
          .expect = backup_at_once(errc::provider_error).saying("longer than 32 MiB"),
          .steps{"ok(size=40MiB)"}, .adjust = one_attempt)

} // SUITE("faults.endless")
