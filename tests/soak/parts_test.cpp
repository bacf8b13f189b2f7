#include <chrono>
#include <memory>
#include <string>

#include <magna/simulator/scenario.hpp>
#include <magna/tests/soak/ledger.hpp>
#include <magna/tests/soak/stream_check.hpp>
#include <magna/tests/soak/traffic.hpp>
#include <magna/tests/support/test.hpp>

using namespace std::literals;
using namespace magna;
using magna::soak::delivery;
using magna::soak::stream_check;

namespace {

std::shared_ptr<const std::string> whole(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

chunk piece(std::uint64_t seq, std::string text) {
  return {.seq = seq, .parts = {part{.bytes = std::move(text)}}};
}

} // namespace

SUITE("soak") {

TEST("a stream as it should be passes") {
  stream_check stream{delivery::streamed, whole("h\u00e9llo"), std::nullopt};
  check_eq(stream.on_accepted(), "");
  check_eq(stream.on_started(), "");
  check_eq(stream.on_chunk(piece(0, "h\u00e9")), "");
  check_eq(stream.on_chunk(piece(1, "llo")), "");
  check(!stream.over());
  check_eq(stream.on_completion({}), "");
  check(stream.over());
}

TEST("what breaks the stream's protocol is found") {
  stream_check stream{delivery::streamed, whole("hello"), std::nullopt};
  SECTION("a second end") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_failure({}), "");
    check_eq(stream.on_failure({}), "a failure after the end");
    check_eq(stream.on_completion({}), "a completion after the end");
    check_eq(stream.on_refusal(), "an error response after the end");
    check_eq(stream.on_chunk(piece(0, "h")), "a chunk after the end");
    check_eq(stream.on_accepted(), "accepted after the end");
  }
  SECTION("something before accepted") {
    check_eq(stream.on_started(), "an attempt before accepted");
    check_eq(stream.on_chunk(piece(0, "h")), "a chunk before accepted");
    check_eq(stream.on_failure({}), "a failure before accepted");
  }
  SECTION("a chunk of nobody") {
    stream.on_accepted();
    check_eq(stream.on_chunk(piece(0, "h")), "a chunk of no attempt");
  }
  SECTION("another attempt takes over too late") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_started(), "");
    check_eq(stream.on_chunk(piece(0, "h")), "");
    check_eq(stream.on_started(), "another attempt after text");
  }
  SECTION("a gap") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_chunk(piece(0, "h")), "");
    check_eq(stream.on_chunk(piece(2, "e")), "a gap between chunks");
  }
  SECTION("wrong text") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_chunk(piece(0, "he")), "");
    check_eq(stream.on_chunk(piece(1, "ho")), "a chunk of wrong text");
  }
  SECTION("more text than there is") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_chunk(piece(0, "hello you")), "a chunk of wrong text");
  }
  SECTION("a truncated answer that passes for whole") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_chunk(piece(0, "hell")), "");
    check_eq(stream.on_completion({}), "a completion of an answer that is not whole");
  }
  SECTION("a wrong count of what was delivered") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_chunk(piece(0, "hell")), "");
    failure end{.error = errc::timeout, .delivered_chars = 3};
    check_eq(stream.on_failure(end), "a failure that miscounts what was delivered");
  }
  SECTION("two responses") {
    stream.on_accepted();
    stream.on_started();
    check_eq(stream.on_refusal(), "an error response after accepted");
  }
}

TEST("an answer that comes at once is compared as a whole") {
  stream_check stream{delivery::response, whole("hello"), std::nullopt};
  completion end{.text = "hello"};
  SECTION("right") {
    check_eq(stream.on_completion(end), "");
  }
  SECTION("wrong") {
    end.text = "hell";
    check_eq(stream.on_completion(end), "a completion of an answer that is not whole");
  }
}

TEST("credit is one delta more at most") {
  stream_check stream{delivery::streamed, nullptr, 10};
  stream.on_accepted();
  stream.on_started();
  check_eq(stream.on_chunk(piece(0, std::string(10 + stream_check::largest_delta, 'x'))), "");
  SECTION("without a grant") {
    check_eq(stream.on_chunk(piece(1, "x")), "more text than was granted");
  }
  SECTION("with one") {
    stream.granted(1);
    check_eq(stream.on_chunk(piece(1, "x")), "");
  }
}

TEST("the ledger counts each end and knows who has none") {
  soak::ledger book;
  for (const auto* id : {"a", "b", "c", "d"})
    book.sent(id, 1h);
  book.completed("a", 1);
  book.failed("b", errc::cancelled, 2);
  book.abandoned("c");
  check_eq(book.in_flight(), 1u);
  check_eq(book.open().at(0), "d");
  book.completed("a", 1);
  const auto totals = book.so_far();
  check_eq(totals.sent, 4u);
  check_eq(totals.completed, 2u);
  check_eq(totals.cancelled(), 1u);
  check_eq(totals.abandoned, 1u);
  check_eq(totals.attempts, 4u);
}

TEST("the same seed makes the same traffic") {
  soak::traffic a{7};
  soak::traffic b{7};
  soak::traffic c{8};
  auto differs = false;
  for (int i = 0; i < 500; ++i) {
    const auto x = a.next_order();
    const auto y = b.next_order();
    check(x.question == y.question);
    check(x.how == y.how && x.leave_after == y.leave_after && x.collect == y.collect);
    differs = differs || x.question != c.next_order().question;
  }
  check(differs);
  check_eq(a.next_scenario(), b.next_scenario());
  check_eq(a.next_kill().after.count(), b.next_kill().after.count());
}

TEST("the simulator takes every scenario") {
  soak::traffic source{3};
  for (int i = 0; i < 30; ++i)
    check_eq(simulator::parse_scenario(source.next_scenario()).tracks.size(), 12u);
}

} // SUITE("soak")
