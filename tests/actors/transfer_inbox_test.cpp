#include <string>

#include <magna/actors/transfer_inbox.hpp>
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

} // SUITE("transfer inbox")
