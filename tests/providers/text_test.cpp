#include <magna/providers/parsing/json_text.hpp>
#include <magna/providers/url.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

namespace {

const std::string bad = "\xEF\xBF\xBD";

} // namespace

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
