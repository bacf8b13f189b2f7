#include <nlohmann/json.hpp>

#include <magna/providers/encoding.hpp>
#include <magna/providers/schemas.hpp>
#include <magna/tests/support/test.hpp>

using namespace magna;
using nlohmann::json;

namespace {

std::string completed(const char* schema) {
  return schema_of({.name = "f", .parameters = schema}).dump();
}

/// "openai", "anthropic", both or none: who can be strict about a schema.
std::string strict_at(const char* text) {
  const auto schema = json::parse(text);
  return std::string{openai_can_be_strict(schema) ? "openai " : ""}
         + (anthropic_can_be_strict(schema) ? "anthropic" : "");
}

} // namespace

SUITE("schemas") {

TEST("the schema of a tool gets what providers miss in it") {
  check_eq(completed(""), R"({"properties":{},"type":"object"})");
  check_eq(completed("{}"), R"({"properties":{},"type":"object"})");
  check_eq(completed(R"({"type":"object"})"), R"({"properties":{},"type":"object"})");
  check_eq(completed(R"({"type":null,"properties":null})"), R"({"properties":{},"type":"object"})");
  check_eq(completed(R"({"type":["object","null"],"properties":{"a":{}}})"),
           R"({"properties":{"a":{}},"type":"object"})");
  check_eq(
    completed(R"({"properties":{"a":{"type":"array"},"b":{"anyOf":[{"type":["array","null"]}]},
                         "c":{"type":"array","prefixItems":[{"type":"array"}]}}})"),
    R"({"properties":{"a":{"items":{},"type":"array"},"b":{"anyOf":[{"items":{},"type":["array","null"]}]},)"
    R"("c":{"prefixItems":[{"items":{},"type":"array"}],"type":"array"}},"type":"object"})");
  // What is data stays as it is.
  check_eq(completed(R"({"type":"object","properties":{"a":{"enum":[{"type":"array"}]}}})"),
           R"({"properties":{"a":{"enum":[{"type":"array"}]}},"type":"object"})");
}

TEST("each provider is strict about a part of JSON Schema") {
  check_eq(strict_at(R"({"type":"object","properties":{},"additionalProperties":false})"),
           "openai anthropic");
  check_eq(strict_at(R"({"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],
                         "additionalProperties":false})"),
           "openai anthropic");
  // Not all required; required, but not there; open.
  check_eq(
    strict_at(R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false})"),
    "anthropic");
  check_eq(strict_at(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a","b"],
                         "additionalProperties":false})"),
           "");
  check_eq(strict_at(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"), "");
  check_eq(strict_at(R"({"type":"object","properties":{"a":{"type":"object"}},"required":["a"],
                         "additionalProperties":false})"),
           "");
  check_eq(strict_at(R"({"type":"array","items":{"type":"string"}})"), "");
  const auto of_a = [](const std::string& inner) {
    return strict_at((R"({"type":"object","properties":{"a":)" + inner
                      + R"(},"required":["a"],"additionalProperties":false})")
                       .c_str());
  };
  for (const auto* neither :
       {"{}", R"({"oneOf":[{"type":"string"}]})", R"({"allOf":[{"type":"string"}]})",
        R"({"not":{"type":"string"}})", R"({"type":"array"})", R"({"type":"string","minLength":1})",
        R"({"type":"string","format":"color"})",
        R"({"type":"object","patternProperties":{"x":{"type":"string"}}})", R"({"type":"array","items":{}})"})
    check_eq(of_a(neither), "");
  for (const auto* openai : {R"({"type":"integer","minimum":1})", R"({"type":"string","pattern":"x"})",
                             R"({"type":"array","items":{"type":"string"},"maxItems":3})", R"({"$ref":"#"})"})
    check_eq(of_a(openai), "openai ");
  for (const auto* anthropic : {R"({"type":"string","format":"uri"})", R"({"type":"string","default":"x"})"})
    check_eq(of_a(anthropic), "anthropic");
  for (const auto* both : {R"({"enum":["x",1]})", R"({"anyOf":[{"type":"string"},{"type":"null"}]})",
                           R"({"type":"array","items":{"type":"string"}})"})
    check_eq(of_a(both), "openai anthropic");
}

} // SUITE("schemas")
