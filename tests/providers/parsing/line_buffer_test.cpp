#include <magna/providers/parsing/line_buffer.hpp>

#include <magna/tests/support/test.hpp>

#include <stdexcept>

using namespace magna;

SUITE("line buffer") {

TEST("only what is held can be looked at") {
  line_buffer buffer{false};
  buffer.append("one\ntwo");
  const auto line = buffer.next_line();
  require(line.has_value());
  check_eq(buffer.view(*line), "one");
  check_eq(buffer.view({4, 3}), "two");
  check_throws<std::logic_error>([&] { (void)buffer.view({4, 4}); });
  check_throws<std::logic_error>([&] { (void)buffer.view({8, 0}); });
  buffer.release();
  check_eq(buffer.view({0, 3}), "two");
  check_throws<std::logic_error>([&] { (void)buffer.view({4, 3}); });
}

} // SUITE("line buffer")
