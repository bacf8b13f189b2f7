#include <magna/text/ascii.hpp>

#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace magna;

namespace {

/// All 256 characters for which a predicate holds, in order.
std::string all_of(bool (*predicate)(char) noexcept) {
  std::string result;
  for (int code = 0; code < 256; ++code)
    if (const auto c = static_cast<char>(code); predicate(c))
      result += c;
  return result;
}

const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

} // namespace

SUITE("ASCII") {

TEST("classes of characters have these members and no others") {
  check_eq(all_of(is_digit), "0123456789");
  check_eq(all_of(is_upper), letters.substr(0, 26));
  check_eq(all_of(is_alnum), "0123456789" + letters);
  const auto graphic = all_of(is_graphic);
  check_eq(graphic.size(), 94u);
  check_eq(graphic.front(), '!');
  check_eq(graphic.back(), '~');
  const auto control = all_of(is_control);
  check_eq(control.size(), 33u);
  check(control.ends_with("\x1f\x7f"));
}

TEST("only letters have a lower case") {
  check_eq(to_lower(letters), letters.substr(26) + letters.substr(26));
  check_eq(to_lower("@[`{ \xC3\x84"), "@[`{ \xC3\x84");
}

TEST("white space at either end is cut off") {
  check_eq(trim(" \t\r\n\v\fa b\f\v\n\r\t "), "a b");
  check_eq(trim("a"), "a");
  check_eq(trim(" \n "), "");
  check_eq(trim(""), "");
}

TEST("a name has at least one character, at most the limit, and no foreign one") {
  check(is_name("a-1", "-", 3));
  check(!is_name("", "-", 3));
  check(!is_name("a-12", "-", 3));
  check(!is_name("a_1", "-", 3));
  check(!is_name("\xC3\xA4", "-", 3));
  check(!is_name(std::string_view{"a\0", 2}, "-", 3));
}

TEST("tokens and field values are those of HTTP") {
  check(is_token("x-!#$%&'*+.^_`|~9"));
  for (const auto* text : {"", "a b", "a:", "a/b", "(a)", "a\"", "a,b", "\xC3\xA4"})
    check(!is_token(text));
  check(is_field_value(""));
  check(is_field_value("a\tb \xC3\xA4"));
  for (const auto* text : {"a\nb", "a\r", "\x7f", "\x01"})
    check(!is_field_value(text));
  check(!is_field_value(std::string_view{"\0", 1}));
}

} // SUITE("ASCII")
