#include <magna/text/number.hpp>

#include <magna/tests/support/test.hpp>

#include <cstdint>
#include <optional>
#include <string>

using namespace magna;

SUITE("numbers") {

TEST("a text is a number as a whole or not at all") {
  check_eq(parse_number<int>("-12"), std::optional{-12});
  check_eq(parse_number<std::uint16_t>("65535"), std::optional<std::uint16_t>{65'535});
  check_eq(parse_number<double>("1.5e3"), std::optional{1500.0});
  for (const auto* text : {"", " 1", "1 ", "+1", "1x", "x", "0x10", "-"})
    check(!parse_number<int>(text));
}

TEST("what does not fit is no number") {
  check(!parse_number<std::uint16_t>("65536"));
  check(!parse_number<std::uint16_t>("-1"));
  for (const auto* text : {"inf", "nan", "-inf", "1e999"})
    check(!parse_number<double>(text));
}

TEST("a number is written as short as it can be read back") {
  check_eq(number_text(0.1), "0.1");
  check_eq(number_text(30), "30");
  check_eq(number_text(-0.5), "-0.5");
}

} // SUITE("numbers")
