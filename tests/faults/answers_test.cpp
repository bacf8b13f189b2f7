#include <magna/tests/faults/scripted_server.hpp>

#include "wire.hpp"

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Wrong answers";

/// "Hello" as gzip writes it.
constexpr std::string_view gzip_of_hello{
  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xf3\x48\xcd\xc9\xc9\x07\x00\x82\x89\xd1\xf7\x05\x00\x00\x00", 25};

/// The bytes of a stream, after its head.
std::function<place(provider_kind)> streaming(std::function<std::string(provider_kind)> body,
                                              std::string_view more_headers = {}) {
  return scripted([body = std::move(body), more = std::string{more_headers}](exchange& x) {
    x.write(wire::head(x.kind(), true, more) + body(x.kind()));
  });
}

std::string hello(provider_kind kind) {
  return wire::token(kind, "Hello") + wire::token(kind, " you");
}

} // namespace

SUITE("faults.answers") {

// -- errors inside a 200

FAULT_ROW("an error event before the first token is the provider's error, and not committed",
          .fault = "200 with an error event", .phase = phases::first_token,
          .expect = backup_at_once(errc::provider_unavailable), .steps{"stream_error(after=0)"})

FAULT_ROW("an error event after three tokens is one failure", .fault = "200 with an error event",
          .phase = phases::stream, .expect = breaks(errc::provider_unavailable, 14),
          .steps{"stream_error(after=3)"})

FAULT_ROW(
  "a 200 whose document is an error is that error", .fault = "200 with an error document",
  .phase = phases::whole, .expect = backup_at_once(errc::provider_unavailable),
  .steps{
    R"(raw(status=200, body="{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\",\"message\":\"overloaded\"}}"))",
    R"(raw(status=200, body="{\"error\":{\"type\":\"server_error\",\"message\":\"overloaded\"}}"))",
    R"(raw(status=200, body="{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"))",
    R"(raw(status=200, body="{\"error\":\"server busy\"}"))"})

// -- no answer at all

FAULT_ROW("an HTML page is no answer", .fault = "200 with HTML", .phase = phases::first_token,
          .expect = twice_then_backup(errc::provider_error).saying("an HTML page: Sign in to the network"),
          .steps{"html_200"})

FAULT_ROW("an HTML page is no answer, also without streaming", .fault = "200 with HTML",
          .phase = phases::whole,
          .expect = twice_then_backup(errc::provider_error).saying("an HTML page: Sign in to the network"),
          .steps{"html_200"})

FAULT_ROW("an empty stream is truncated", .fault = "200 with an empty body", .phase = phases::first_token,
          .expect = twice_then_backup(errc::stream_truncated).saying("ended before it began"),
          .steps{"raw(status=200, body=\"\", content_type=text/event-stream)",
                 "raw(status=200, body=\"\", content_type=text/event-stream)",
                 "raw(status=200, body=\"\", content_type=text/event-stream)",
                 "raw(status=200, body=\"\", content_type=application/x-ndjson)"})

FAULT_ROW("an empty document is no answer", .fault = "200 with an empty body", .phase = phases::whole,
          .expect = twice_then_backup(errc::provider_error).saying("the response is empty"),
          .steps{"raw(status=200, body=\"\")"})

FAULT_ROW("a complete answer without any text is empty where the provider counts it, else no answer",
          .fault = "200 with an empty answer", .phase = phases::first_token,
          .expect{twice_then_backup(errc::provider_error).saying("the answer is empty"),
                  completes().with_text(""), completes().with_text(""),
                  twice_then_backup(errc::provider_error).saying("the answer is empty"),
                  completes().with_text("")},
          .steps{"empty"})

FAULT_ROW("a complete answer without any text is the same without streaming",
          .fault = "200 with an empty answer", .phase = phases::whole,
          .expect{twice_then_backup(errc::provider_error).saying("the answer is empty"),
                  completes().with_text(""), completes().with_text(""),
                  twice_then_backup(errc::provider_error).saying("the answer is empty"),
                  completes().with_text("")},
          .steps{"empty"})

FAULT_ROW("JSON that is no answer is none", .fault = "200 with other JSON", .phase = phases::whole,
          .expect = twice_then_backup(errc::provider_error).saying("JSON, but no answer"),
          .steps{"raw(status=200, body=\"{}\")"})

FAULT_ROW("what is not HTTP is no answer", .fault = "not HTTP", .phase = phases::headers,
          .expect = twice_then_backup(errc::provider_error).saying("not HTTP"),
          .where = scripted([](exchange& x) { x.write("220 mail.example.org ESMTP\r\n"); }))

// -- bytes that can't be decoded

FAULT_ROW("broken JSON before the first token is tried again", .fault = "malformed JSON",
          .phase = phases::first_token,
          .expect = twice_then_backup(errc::provider_error).saying("can't be decoded"),
          .steps{"malformed(after=0)"})

FAULT_ROW("broken JSON after three tokens is one failure", .fault = "malformed JSON", .phase = phases::stream,
          .expect = breaks(errc::provider_error, 14).saying("can't be decoded"), .steps{"malformed(after=3)"})

FAULT_ROW("a broken document is no answer", .fault = "malformed JSON", .phase = phases::whole,
          .expect = twice_then_backup(errc::provider_error).saying("can't be decoded"), .steps{"malformed"})

FAULT_ROW("a stream that is compressed, which nobody asked for, is no answer", .fault = "gzip sent unasked",
          .phase = phases::first_token, .expect = twice_then_backup(errc::stream_truncated),
          .where = streaming([](provider_kind) { return std::string{gzip_of_hello}; },
                             "Content-Encoding: gzip\r\n"))

FAULT_ROW("a document that is compressed, which nobody asked for, is no answer", .fault = "gzip sent unasked",
          .phase = phases::whole,
          .expect = twice_then_backup(errc::provider_error).saying("can't be decoded"),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), false, "Content-Encoding: gzip\r\n") + std::string{gzip_of_hello});
          }))

FAULT_ROW("a stream that is called plain text is read as what it is", .fault = "wrong content type",
          .phase = phases::stream, .expect = completes(), .steps{"ok(content_type=text/plain)"})

FAULT_ROW("a stream that is called JSON is read as what it is", .fault = "a stream called application/json",
          .phase = phases::stream, .expect = completes(), .steps{"ok(content_type=application/json)"})

FAULT_ROW("a document that is called HTML is read as what it is", .fault = "wrong content type",
          .phase = phases::whole, .expect = completes(), .steps{"ok(content_type=text/html)"})

// -- around the answer

FAULT_ROW("interim responses before the response are passed over", .fault = "1xx before the response",
          .phase = phases::headers, .expect = completes().with_text("Hello you"),
          .where = scripted([](exchange& x) {
            x.write(
              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n");
            x.write(wire::head(x.kind(), true) + hello(x.kind()) + wire::finish(x.kind())
                    + wire::done(x.kind()));
          }))

FAULT_ROW("interim responses before the response are passed over, also without streaming",
          .fault = "1xx before the response", .phase = phases::whole_headers,
          .expect = completes().with_text("Hello you"),
          .where = scripted([](exchange& x) {
            x.write("HTTP/1.1 102 Processing\r\n\r\n");
            x.write(wire::head(x.kind(), false) + wire::whole(x.kind(), "Hello you"));
          }))

FAULT_ROW("a second [DONE] changes nothing", .fault = "[DONE] twice", .phase = phases::end,
          .expect = completes().with_text("Hello you"),
          .where = streaming([](provider_kind kind) {
            return hello(kind) + wire::finish(kind) + wire::done_marker(kind) + wire::done_marker(kind);
          }))

FAULT_ROW("a [DONE] that comes late changes nothing", .fault = "[DONE] late", .phase = phases::end,
          .expect = completes().with_text("Hello you"),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + hello(x.kind()) + wire::finish(x.kind()));
            x.wait(300ms);
            x.write(wire::done_marker(x.kind()));
          }))

FAULT_ROW("[DONE] alone proves nothing where all chunks said that there is no finish reason yet",
          .fault = "[DONE] without a finish reason", .phase = phases::end,
          .expect = breaks(errc::stream_truncated, 9),
          .where = streaming([](provider_kind kind) { return hello(kind) + wire::done_marker(kind); }))

FAULT_ROW("events after the end are not delivered", .fault = "events after the end", .phase = phases::end,
          .expect{completes()
                    .with_text("Hello you and more")
                    .noting("Gemini has no mark of the end but the response's own"),
                  completes().with_text("Hello you"), completes().with_text("Hello you"),
                  completes().with_text("Hello you")},
          .where = streaming([](provider_kind kind) {
            return hello(kind) + wire::finish(kind) + wire::done(kind) + wire::token(kind, " and more");
          }))

} // SUITE("faults.answers")
