#include <magna/providers/parsing/json_text.hpp>
#include <magna/providers/url.hpp>
#include <magna/text/utf8_repair.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

std::string repaired(std::string_view text) {
  std::string result;
  append_valid_utf8(result, text);
  return result;
}

const std::string bad = "\xEF\xBF\xBD";

} // namespace

SUITE("utf8") {

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

} // SUITE("utf8")

SUITE("json text") {

TEST("what is not JSON is nothing") {
  for (const auto* text : {"", "{", "{\"a\":1}x", "{\"a\":\"\\x\"}", "{\"a\":\"\\", "\"\\ud83d", "nope"})
    check(!parse_json(text));
}

TEST("halves of characters get through, whatever else the text has") {
  const auto read = [](std::string_view json) {
    const auto document = parse_json(json);
    return document ? plain_text(document->value.at(0).get<std::string>(), document->has_halves)
                    : std::string{"not JSON"};
  };
  check_eq(read(R"(["a\ud83d"])"), "a" + bad);
  check_eq(read(R"(["\ude00\ud83d\ude00\ud83d"])"), bad + "\xF0\x9F\x98\x80" + bad);
  check_eq(read(R"(["\ud83d\u0041"])"), bad + "A");
  check_eq(read(R"(["\ud83d\\ude00"])"), bad + "\\ude00");
  // The code points that stand in for halves while they are parsed can also be the text's own.
  check_eq(read("[\"\xF4\x8F\xA0\x80\"]"), "\xF4\x8F\xA0\x80");
  check_eq(read("[\"\\ud83d\xF4\x8F\xA0\x80\"]"), bad + "\xF4\x8F\xA0\x80");
  check_eq(read(R"(["\ud83d\udbff\udfff"])"), bad + "\xF4\x8F\xBF\xBF");
}

} // SUITE("json text")

SUITE("url") {

TEST("a path is appended to that of the base") {
  check_eq(join_url("https://h/v1", "/x"), "https://h/v1/x");
  check_eq(join_url("https://h/v1/", "/x"), "https://h/v1/x");
  check_eq(join_url("https://h//", "/x"), "https://h/x");
  check_eq(join_url("https://h/v1?api-version=1", "/x"), "https://h/v1/x?api-version=1");
  check_eq(join_url("https://h/?a=1", "/x?b=2"), "https://h/x?b=2&a=1");
  check_eq(join_url("https://h?", "/x"), "https://h/x");
}

TEST("what is not plain is percent-encoded") {
  check_eq(percent_encode("gemini-3.8_flash~"), "gemini-3.8_flash~");
  check_eq(percent_encode("a/b?c#d:e %\xC3\xA4"), "a%2Fb%3Fc%23d%3Ae%20%25%C3%A4");
}

} // SUITE("url")
