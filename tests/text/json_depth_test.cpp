#include <magna/text/json_depth.hpp>

#include <string>

#include <magna/tests/support/test.hpp>

using namespace magna;

SUITE("json depth") {

TEST("lists and objects count, as long as they are open") {
  check(!is_too_deep("[[]]", 2));
  check(is_too_deep("[[]]", 1));
  check(is_too_deep(R"({"a":{"b":[]}})", 2));
  check(!is_too_deep("[] [] {} []", 1));
}

TEST("brackets in a text do not") {
  check(!is_too_deep(R"(["[[[[", "\"[[[[", "\\"])", 1));
  check(is_too_deep(R"(["\\", []])", 1));
}

TEST("what is broken off, or closes more than it opens, is no harm") {
  check(!is_too_deep("]]]]\"", 1));
  check(!is_too_deep("\"\\", 1));
  check(is_too_deep(std::string(1'000'000, '[')));
}

} // SUITE("json depth")
