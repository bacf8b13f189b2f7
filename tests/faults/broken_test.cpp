#include <magna/tests/faults/scripted_server.hpp>

#include "wire.hpp"

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Broken connections";

/// After three tokens: "Hello! This is". Gemini says with every event what was used so far, Anthropic at the
/// start that it is one token, the others only at the end.
const per_kind<expectation> truncated_after_three_tokens{
  breaks(errc::stream_truncated, 14).with_tokens(3), breaks(errc::stream_truncated, 14).with_tokens(0),
  breaks(errc::stream_truncated, 14).with_tokens(1), breaks(errc::stream_truncated, 14).with_tokens(0)};

/// Anthropic's stop reason comes before the proof that the answer is whole, which is message_stop.
const per_kind<expectation> complete_but_for_anthropic{
  completes(), completes(), breaks(errc::stream_truncated, 73).noting("`message_stop` is missing"),
  completes()};

/// Strikes inside the arguments where they come in pieces, else between two calls.
per_kind<std::string> calls_with(const std::string& step) {
  const auto after = [&step](const char* count) {
    return step + "(after=" + count + R"(, call="look_up {\"word\": \"sky\"}", call=now))";
  };
  return {after("1"), after("2"), after("3"), after("1")};
}

} // namespace

SUITE("faults.broken") {

FAULT_ROW("a connection that closes before the headers goes to the backup at once",
          .fault = "connection closed", .phase = phases::headers,
          .expect = backup_at_once(errc::provider_unavailable), .steps{"cut(at=start)"})

FAULT_ROW("a stream that is cut before its first token is tried again", .fault = "connection closed",
          .phase = phases::first_token, .expect = twice_then_backup(errc::stream_truncated),
          .steps{"cut(at=headers)"})

FAULT_ROW("a stream that is cut after three tokens is one stream_truncated", .fault = "connection closed",
          .phase = phases::stream, .expect = truncated_after_three_tokens, .steps{"cut(after=3)"})

FAULT_ROW("a stream that is cut inside a line loses only that line",
          .fault = "connection closed inside a line", .phase = phases::stream,
          .expect = breaks(errc::stream_truncated, 11), .steps{"cut(at=line, after=2)"})

FAULT_ROW("a stream that is cut inside a character delivers no half of it",
          .fault = "connection closed inside a UTF-8 character", .phase = phases::stream,
          .expect = breaks(errc::stream_truncated, 11), .steps{"cut(at=utf8, after=2)"})

FAULT_ROW("characters are counted, not bytes", .fault = "connection closed after wide characters",
          .phase = phases::stream, .expect = breaks(errc::stream_truncated, 8),
          .steps{"cut(after=2, text=\"Gr\u00fcn \u4e16\u754c\U0001f389 ist alle Theorie.\")"})

FAULT_ROW("a connection that closes after the finish reason takes nothing from a complete answer",
          .fault = "connection closed after the finish reason", .phase = phases::end,
          .expect = complete_but_for_anthropic, .steps{"cut(at=finish)"})

FAULT_ROW("a connection that closes before the end of the HTTP message takes nothing from a complete answer",
          .fault = "connection closed before the last chunk of the body", .phase = phases::end,
          .expect = completes(), .steps{"cut(at=end)"})

FAULT_ROW("a connection that closes before the headers goes to the backup, also without streaming",
          .fault = "connection closed", .phase = phases::whole_headers,
          .expect = backup_at_once(errc::provider_unavailable), .steps{"cut(at=start)"})

FAULT_ROW("a document that is cut is never an answer", .fault = "connection closed",
          .phase = phases::whole_body, .expect = twice_then_backup(errc::stream_truncated),
          .steps{"cut(after=3)"})

FAULT_ROW("a document that is cut inside a character is never an answer",
          .fault = "connection closed inside a UTF-8 character", .phase = phases::whole_body,
          .expect = twice_then_backup(errc::stream_truncated), .steps{"cut(at=utf8)"})

FAULT_ROW("a document that lacks its last brace is never an answer",
          .fault = "connection closed before the last brace", .phase = phases::whole_body,
          .expect = twice_then_backup(errc::stream_truncated), .steps{"cut(at=end)"})

FAULT_ROW("a connection that is reset before the headers goes to the backup at once",
          .fault = "connection reset", .phase = phases::headers,
          .expect = backup_at_once(errc::provider_unavailable), .steps{"reset(at=start)"})

FAULT_ROW("a stream that is reset before its first token is tried again", .fault = "connection reset",
          .phase = phases::first_token, .expect = twice_then_backup(errc::stream_truncated),
          .steps{"reset(at=headers)"})

FAULT_ROW("a stream that is reset after three tokens is one stream_truncated", .fault = "connection reset",
          .phase = phases::stream, .expect = truncated_after_three_tokens, .steps{"reset(after=3)"})

FAULT_ROW("a stream that is reset inside a line loses only that line",
          .fault = "connection reset inside a line", .phase = phases::stream,
          .expect = breaks(errc::stream_truncated, 11), .steps{"reset(at=line, after=2)"})

FAULT_ROW("a stream that is reset inside a character delivers no half of it",
          .fault = "connection reset inside a UTF-8 character", .phase = phases::stream,
          .expect = breaks(errc::stream_truncated, 11), .steps{"reset(at=utf8, after=2)"})

FAULT_ROW("a connection that is reset after the finish reason takes nothing from a complete answer",
          .fault = "connection reset after the finish reason", .phase = phases::end,
          .expect = complete_but_for_anthropic, .steps{"reset(at=finish)"})

FAULT_ROW("a connection that is reset before the headers goes to the backup, also without streaming",
          .fault = "connection reset", .phase = phases::whole_headers,
          .expect = backup_at_once(errc::provider_unavailable), .steps{"reset(at=start)"})

FAULT_ROW("a document that is reset is never an answer", .fault = "connection reset",
          .phase = phases::whole_body, .expect = twice_then_backup(errc::stream_truncated),
          .steps{"reset(after=3)"})

FAULT_ROW("a break after reasoning alone is tried again: reasoning commits nothing",
          .fault = "connection closed after reasoning", .phase = phases::first_token,
          .expect = twice_then_backup(errc::stream_truncated),
          .steps{"cut(after=0, reasoning=\"Let me think about that.\")"})

FAULT_ROW("a break after a role and an empty text is tried again: they commit nothing",
          .fault = "connection closed after a role and an empty text", .phase = phases::first_token,
          .expect = twice_then_backup(errc::stream_truncated),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + wire::role_only(x.kind()) + wire::token(x.kind(), ""));
          }))

FAULT_ROW("a break inside a call of a tool is tried again: no call is half delivered",
          .fault = "connection closed inside a call of a tool", .phase = phases::first_token,
          .expect = twice_then_backup(errc::stream_truncated), .steps = calls_with("cut"))

FAULT_ROW("a retry after a break is invisible: the second attempt's answer is whole",
          .fault = "connection closed, once", .phase = phases::first_token,
          .expect = asked_again(errc::stream_truncated),
          .steps{"cut(after=0, reasoning=\"Let me think about that.\"), ok"})

FAULT_ROW("a stream that ends as HTTP wants it, but without a finish reason, is truncated",
          .fault = "no finish reason", .phase = phases::stream, .expect = breaks(errc::stream_truncated, 14),
          .steps{"no_finish(text=\"One two three.\")"})

FAULT_ROW("a stream whose end is the connection's is truncated without a finish reason",
          .fault = "no finish reason, no length", .phase = phases::stream,
          .expect = breaks(errc::stream_truncated, 5),
          .where = scripted([](exchange& x) {
            x.write(wire::head(x.kind(), true) + wire::token(x.kind(), "Hello"));
          }))

FAULT_ROW("a whole document without a finish reason is truncated", .fault = "no finish reason",
          .phase = phases::whole, .expect = twice_then_backup(errc::stream_truncated), .steps{"no_finish"})

} // SUITE("faults.broken")
