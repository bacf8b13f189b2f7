#include <magna/node/caf/refusal_log.hpp>

#include <string>
#include <vector>

#include <magna/tests/support/test.hpp>

using namespace magna;
using namespace std::chrono_literals;

namespace {

const refusal_log::clock::time_point start{};

using lines = std::vector<std::string>;

} // namespace

SUITE("refusal_log") {

TEST("the first refusal is told at once, its like as one sum") {
  refusal_log log;
  check_eq(log.on_refusal("10.0.0.1", "rude", start), "refused a connection from 10.0.0.1: rude");
  for (int i = 0; i < 999; ++i)
    check_eq(log.on_refusal("10.0.0.1", "rude", start + 1s), "");
  check_eq(log.on_tick(start + 9s), lines{});
  check_eq(log.on_tick(start + 10s), lines{"refused 999 more connection(s) from 10.0.0.1: rude"});
  check_eq(log.on_tick(start + 20s), lines{});
}

TEST("another host and another reason are news") {
  refusal_log log;
  check_ne(log.on_refusal("10.0.0.1", "rude", start), "");
  check_ne(log.on_refusal("10.0.0.2", "rude", start), "");
  check_ne(log.on_refusal("10.0.0.1", "silent", start), "");
  check_eq(log.on_tick(start + 10s), lines{});
}

TEST("after a quiet window the first one is news again") {
  refusal_log log;
  check_ne(log.on_refusal("10.0.0.1", "rude", start), "");
  check_eq(log.on_tick(start + 10s), lines{});
  check_ne(log.on_refusal("10.0.0.1", "rude", start + 11s), "");
}

TEST("however many hosts knock, a bounded number is remembered") {
  refusal_log log;
  std::size_t told = 0;
  for (int i = 0; i < 1'000; ++i)
    told += log.on_refusal("host " + std::to_string(i), "rude", start).empty() ? 0 : 1;
  // All that are told apart, and one line for all others.
  check_eq(told, refusal_log::most_entries + 1);
  check_eq(log.on_tick(start + 10s),
           lines{"refused 743 more connection(s) from other hosts: several reasons"});
}

} // SUITE("refusal_log")
