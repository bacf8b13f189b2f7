#include <string>
#include <utility>

#include <magna/actors/requests/transfer_inbox.hpp>
#include <magna/tests/support/test.hpp>

using magna::transfer_inbox;

SUITE("transfer inbox") {

TEST("the transfer is paused at the limit") {
  transfer_inbox inbox{{}, 100};
  check(inbox.on_data(std::string(60, 'a')));
  check(!inbox.on_data(std::string(40, 'b')));
  transfer_inbox::content got;
  inbox.take(got);
  check_eq(got.bytes, std::string(60, 'a') + std::string(40, 'b'));
  check(got.paused);
}

TEST("what was taken last counts until the next look") {
  transfer_inbox inbox{{}, 100};
  transfer_inbox::content got;
  check(inbox.on_data(std::string(60, 'a')));
  inbox.take(got);
  check(!got.paused);
  check(!inbox.on_data(std::string(40, 'b')));
  inbox.take(got);
  check_eq(got.bytes, std::string(40, 'b'));
  check(got.paused);
  check(inbox.on_data(std::string(59, 'c')));
  inbox.take(got);
  inbox.take(got);
  check(inbox.on_data(std::string(99, 'd')));
}

TEST("what comes in small pieces takes no more memory than the limit and one piece") {
  transfer_inbox inbox{{}, 10'000};
  auto sum = std::size_t{0};
  do
    sum += 300;
  while (inbox.on_data(std::string(300, 'x')));
  transfer_inbox::content got;
  inbox.take(got);
  check_eq(got.bytes.size(), sum);
  check_lt(got.bytes.capacity(), 10'600u);
}

TEST("a head of any size comes, and is the inbox's own text") {
  for (const auto size : {0u, 100u, 5'000u}) {
    transfer_inbox inbox{{}};
    magna::http_head head{200, {{"x-long", std::string(size, 'x')}}};
    const auto lines = head.lines;
    const auto* sent = head.lines.data();
    inbox.on_head(std::move(head));
    transfer_inbox::content got;
    inbox.take(got);
    require(got.head.has_value());
    check_eq(got.head->status, 200);
    check_eq(got.head->lines, lines);
    check(got.head->lines.data() != sent);
    inbox.take(got);
    check(!got.head);
  }
}

TEST("more than was expected comes as well") {
  transfer_inbox inbox{{}, 10'000, 100};
  check(inbox.on_data(std::string(60, 'a')));
  check(inbox.on_data(std::string(600, 'b')));
  transfer_inbox::content got;
  inbox.take(got);
  check_eq(got.bytes, std::string(60, 'a') + std::string(600, 'b'));
}

} // SUITE("transfer inbox")
