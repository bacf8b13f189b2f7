#include <magna/tests/faults/places.hpp>
#include <magna/tests/faults/scene.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "The requester is gone";

void while_connecting(scene& x) {
  x.until_connecting();
  x.requester_leaves();
}

void when_requested(scene& x) {
  x.until_requested();
  x.requester_leaves();
}

void after_headers(scene& x) {
  x.until_headers();
  x.requester_leaves();
}

void mid_stream(scene& x) {
  x.until_text(14);
  x.requester_leaves();
}

void in_backoff(scene& x) {
  x.until_backoff();
  x.requester_leaves();
}

/// A wait that would show if it went on.
void long_backoff(settings& config) {
  config.retry_delay = 15s;
}

} // namespace

SUITE("faults.gone") {

FAULT_ROW("a requester that dies while a connection is made ends the request", .fault = "requester gone",
          .phase = phases::connect, .expect = abandoned(), .where = black_hole, .meanwhile = while_connecting)

FAULT_ROW("a requester that dies before the headers closes upstream's connection", .fault = "requester gone",
          .phase = phases::headers, .expect = abandoned(), .steps{"stall"}, .meanwhile = when_requested)

FAULT_ROW("a requester that dies before the first token closes upstream's connection",
          .fault = "requester gone", .phase = phases::first_token, .expect = abandoned(),
          .steps{"stall(at=headers)"}, .meanwhile = after_headers)

FAULT_ROW("a requester that dies in the middle of a silent stream closes upstream's connection",
          .fault = "requester gone", .phase = phases::stream, .expect = abandoned(), .steps{"stall(after=3)"},
          .meanwhile = mid_stream)

FAULT_ROW("a requester that dies in the middle of a running stream closes upstream's connection",
          .fault = "requester gone, the stream goes on", .phase = phases::stream, .expect = abandoned(),
          .steps{"ok(endless=true, token_delay=5)"}, .meanwhile = mid_stream)

FAULT_ROW("a requester that dies between two attempts ends the wait: nobody is asked again",
          .fault = "requester gone", .phase = phases::backoff, .expect = abandoned(), .steps{"html_200"},
          .adjust = long_backoff, .meanwhile = in_backoff)

FAULT_ROW("one who waits for a whole answer and dies closes upstream's connection", .fault = "requester gone",
          .phase = phases::whole_headers, .expect = abandoned(), .steps{"stall"}, .meanwhile = when_requested)

FAULT_ROW("one who waits for a whole answer and dies inside the document closes upstream's connection",
          .fault = "requester gone", .phase = phases::whole_body, .expect = abandoned(),
          .steps{"stall(after=3)"}, .meanwhile = after_headers)

} // SUITE("faults.gone")
