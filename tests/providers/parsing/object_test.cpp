#include <magna/providers/parsing/object_scan.hpp>
#include <magna/providers/parsing/pieced_object.hpp>

#include <string>

#include <magna/tests/providers/parsing/splits.hpp>
#include <magna/tests/support/test.hpp>

using magna::object_scan;
using magna::pieced_object;
using magna::test::for_each_split;
using magna::test::pieces;

namespace {

bool is_whole(std::string_view text) {
  object_scan all;
  all.add(text);
  for_each_split(text, [&](const pieces& parts) {
    object_scan scan;
    for (const auto part : parts)
      scan.add(part);
    magna::test::runnable::current().check_eq(scan.whole(), all.whole());
    magna::test::runnable::current().check_eq(scan.has_begun(), all.has_begun());
  });
  return all.whole();
}

/// "no" if a piece has no place.
std::string put_together(std::initializer_list<const char*> all) {
  pieced_object result;
  for (const auto* piece : all)
    if (!result.add(nlohmann::json::parse(piece)))
      return "no";
  return result.value().dump();
}

} // namespace

SUITE("objects in pieces") {

TEST("an object is whole when its brackets are closed, and strings have none") {
  for (const auto* text : {"{}", " {\"a\":[1,{}]} ", R"({"a":"}"})", R"({"a":"\"{"})", R"({"a":"\\"})", "[]"})
    check(is_whole(text));
  for (const auto* text : {"", "  \n", "{", "{\"a\":[1,{}]", R"({"a":"})", R"({"a":"\"})", R"({"a":"}")"})
    check(!is_whole(text));
}

TEST("each piece is put in its place") {
  check_eq(put_together({R"({"jsonPath":"$.a","numberValue":3})", R"({"jsonPath":"$.b","boolValue":true})",
                         R"({"jsonPath":"$.c","nullValue":"NULL_VALUE"})"}),
           R"({"a":3,"b":true,"c":null})");
  check_eq(put_together({R"({"jsonPath":"$.a.b[0].c","stringValue":"x"})",
                         R"({"jsonPath":"$.a.b[1]","numberValue":1.5})",
                         R"({"jsonPath":"$['d.e'][\"f\"]","boolValue":false})"}),
           R"({"a":{"b":[{"c":"x"},1.5]},"d.e":{"f":false}})");
}

TEST("a text goes on where it says so") {
  check_eq(put_together({R"({"jsonPath":"$.a","stringValue":"New ","willContinue":true})",
                         R"({"jsonPath":"$.a","stringValue":"Yo","willContinue":true})",
                         R"({"jsonPath":"$.a","stringValue":"rk"})"}),
           R"({"a":"New York"})");
  check_eq(
    put_together({R"({"jsonPath":"$.a","stringValue":"x"})", R"({"jsonPath":"$.a","stringValue":"y"})"}),
    R"({"a":"y"})");
}

TEST("a piece without a place is no piece") {
  for (const auto* piece :
       {R"({"stringValue":"x"})", R"({"jsonPath":"a","stringValue":"x"})",
        R"({"jsonPath":"$","stringValue":"x"})", R"({"jsonPath":"$.","stringValue":"x"})",
        R"({"jsonPath":"$.a[4000000000]","stringValue":"x"})", R"({"jsonPath":"$.a[x]","stringValue":"x"})",
        R"({"jsonPath":"$.a[0","stringValue":"x"})", R"({"jsonPath":"$['a","stringValue":"x"})",
        R"({"jsonPath":"$[0]","stringValue":"x"})", "5"})
    check_eq(put_together({piece}), "no");
  check_eq(put_together({R"({"jsonPath":"$.a","numberValue":1})", R"({"jsonPath":"$.a.b","numberValue":1})"}),
           "no");
  std::string deep = R"({"jsonPath":"$)";
  for (int i = 0; i < 100; ++i)
    deep += ".a";
  check_eq(put_together({(deep + R"(","numberValue":1})").c_str()}), "no");
}

} // SUITE("objects in pieces")
