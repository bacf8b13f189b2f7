#include <magna/text/utf8.hpp>

#include <magna/tests/support/test.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

using namespace magna;

namespace {

using bytes = const std::uint32_t*;

constexpr std::uint32_t tail(std::uint32_t c) {
  return 0x80 | (c & 0x3F);
}

/// Whether these bytes are one character: whether an encoder makes them, and only them, of the number that
/// their bits hold. Knows nothing of lead bytes and their ranges.
bool is_character(bytes x, std::size_t size) {
  if (size == 1)
    return x[0] < 0x80;
  std::uint32_t c = x[0] & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    c = c << 6 | (x[i] & 0x3F);
  if (size == 2)
    return c >= 0x80 && x[0] == (0xC0 | c >> 6) && x[1] == tail(c);
  if (size == 3)
    return c >= 0x800 && (c < 0xD800 || c > 0xDFFF) && x[0] == (0xE0 | c >> 12) && x[1] == tail(c >> 6)
           && x[2] == tail(c);
  return c >= 0x10000 && c <= 0x10FFFF && x[0] == (0xF0 | c >> 18) && x[1] == tail(c >> 12)
         && x[2] == tail(c >> 6) && x[3] == tail(c);
}

/// Whether these bytes are any number of characters, with none left over.
bool is_text(bytes x, std::size_t size) {
  if (size == 0)
    return true;
  for (std::size_t first = 1; first <= size; ++first)
    if (is_character(x, first) && is_text(x + first, size - first))
      return true;
  return false;
}

struct utf8_fixture {
  std::size_t tried = 0;

  /// Compares the verdicts on one sequence; the first difference ends the test.
  void compare(bytes x, std::size_t size) {
    ++tried;
    char text[4];
    for (std::size_t i = 0; i < size; ++i)
      text[i] = static_cast<char>(x[i]);
    const auto expected = is_text(x, size);
    if (is_utf8({text, size}) == expected)
      return;
    char hex[16] = {};
    for (std::size_t i = 0; i < size; ++i)
      std::snprintf(hex + 3 * i, 4, "%02x ", static_cast<unsigned>(x[i]));
    magna::test::runnable::current().fail("{}: expected {}", std::string{hex}, expected);
  }
};

std::string repaired(std::string_view text) {
  std::string result;
  append_valid_utf8(result, text);
  return result;
}

const std::string bad{replacement_character};

} // namespace

SUITE("UTF-8") {

TEST("the empty text is well-formed and has no characters") {
  check(is_utf8(""));
  check_eq(count_characters(""), 0u);
}

WITH_FIXTURE(utf8_fixture) {

TEST("every sequence of one, two or three bytes is judged as an encoder would have it") {
  std::uint32_t x[3];
  for (x[0] = 0; x[0] < 256; ++x[0]) {
    compare(x, 1);
    for (x[1] = 0; x[1] < 256; ++x[1]) {
      compare(x, 2);
      for (x[2] = 0; x[2] < 256; ++x[2])
        compare(x, 3);
    }
  }
  check_eq(tried, (std::size_t{1} << 24) + (1 << 16) + (1 << 8));
}

TEST("sequences of four bytes are judged so for every first and second byte, at the edges of the others") {
  constexpr std::uint32_t edges[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
  std::uint32_t x[4];
  for (x[0] = 0; x[0] < 256; ++x[0])
    for (x[1] = 0; x[1] < 256; ++x[1])
      for (const auto third : edges)
        for (const auto fourth : edges) {
          x[2] = third;
          x[3] = fourth;
          compare(x, 4);
        }
  check_eq(tried, std::size_t{256 * 256 * 36});
}

} // WITH_FIXTURE(utf8_fixture)

TEST("what RFC 3629 rules out is ruled out") {
  check(!is_utf8("\xC0\x80"));         // overlong NUL
  check(!is_utf8("\xC1\xBF"));         // overlong DEL
  check(!is_utf8("\xE0\x9F\xBF"));     // overlong U+07FF
  check(!is_utf8("\xF0\x8F\xBF\xBF")); // overlong U+FFFF
  check(!is_utf8("\xED\xA0\x80"));     // U+D800
  check(!is_utf8("\xED\xBF\xBF"));     // U+DFFF
  check(!is_utf8("\xF4\x90\x80\x80")); // U+110000
  check(!is_utf8("\xF8\x88\x80\x80\x80"));
  check(!is_utf8("\xFC\x84\x80\x80\x80\x80"));
  check(is_utf8("\xF4\x8F\xBF\xBF")); // U+10FFFF
  check(is_utf8("\xEF\xBF\xBF"));     // U+FFFF, a noncharacter, is a scalar value all the same
  check(is_utf8("\xEF\xBB\xBF"));     // a byte order mark
}

TEST("a text that is cut anywhere inside a character is not well-formed") {
  for (const std::string_view character : {"\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x8E\x89"}) {
    for (std::size_t cut = 1; cut < character.size(); ++cut) {
      check(!is_utf8("text " + std::string{character.substr(0, cut)}));
      check(!is_utf8(std::string{character.substr(cut)} + " text"));
      check(!is_utf8(std::string{character.substr(0, cut)} + " text"));
    }
  }
}

TEST("a null byte is a character like others") {
  using namespace std::string_view_literals;
  check(is_utf8("a\0b"sv));
  check(!is_utf8("a\0\xFF"sv));
  check_eq(count_characters("a\0b"sv), 3u);
}

TEST("characters are counted, not bytes") {
  check_eq(count_characters("hello"), 5u);
  check_eq(count_characters("caf\xC3\xA9"), 4u);
  check_eq(count_characters("\xE6\x97\xA5\xE6\x9C\xAC"), 2u);
  check_eq(count_characters("\xF0\x9F\x8E\x89!"), 2u);
  check_eq(count_characters("e\xCC\x81"), 2u); // a combining accent is a character of its own
}

TEST("the characters of chunks add up to those of the whole") {
  const std::string chunks[] = {"caf\xC3\xA9 ", "\xF0\x9F\x8E\x89", "", "\xE6\x97\xA5"};
  std::string whole;
  std::uint64_t sum = 0;
  for (const auto& chunk : chunks) {
    whole += chunk;
    sum += count_characters(chunk);
  }
  check_eq(sum, count_characters(whole));
  check_eq(sum, 7u);
}

TEST("valid text stays as it is") {
  for (const std::string text : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF",
                                 "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    check_eq(valid_utf8_prefix(text), text.size());
    check_eq(repaired(text), text);
  }
}

TEST("each maximal invalid part becomes one replacement character") {
  // The examples of the Unicode standard, section 3.9.
  check_eq(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
           bad + bad + bad + bad + bad + bad + bad + bad + "A");
  check_eq(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
           bad + bad + bad + bad + bad + bad + bad + bad + "A");
  check_eq(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
           bad + bad + bad + bad + bad + "A" + bad + bad + "B");
  check_eq(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), bad + bad + bad + bad + "A");
}

} // SUITE("UTF-8")
