#include <magna/providers/schemas.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

#include <magna/providers/encoding.hpp>
#include <magna/providers/parsing/json_fields.hpp>

namespace magna {

namespace {

using nlohmann::json;

bool has_type(const json& schema, std::string_view name) {
  const auto type = schema.find("type");
  return type != schema.end()
         && (*type == name
             || (type->is_array()
                 && std::any_of(type->begin(), type->end(), [name](const json& x) { return x == name; })));
}

/// Calls `visit` with each schema that stands directly in this one. What is listed in an enum, say, is data.
template <class Schema, class F>
void each_inner(Schema& schema, F visit) {
  for (const auto* name : {"items", "additionalProperties", "not"})
    if (const auto inner = schema.find(name); inner != schema.end() && inner->is_object())
      visit(*inner);
  for (const auto* name : {"anyOf", "oneOf", "allOf", "prefixItems", "items"})
    if (const auto inner = schema.find(name); inner != schema.end() && inner->is_array())
      for (auto& each : *inner)
        visit(each);
  for (const auto* name : {"properties", "$defs", "definitions"})
    if (const auto named = schema.find(name); named != schema.end() && named->is_object())
      for (auto& each : *named)
        visit(each);
}

void add_items(json& schema) {
  if (!schema.is_object())
    return;
  if (has_type(schema, "array") && !schema.contains("items") && !schema.contains("prefixItems"))
    schema["items"] = json::object();
  each_inner(schema, add_items);
}

/// What a provider's strict mode takes of JSON Schema. Whatever is not listed is refused.
struct strict_rules {
  std::set<std::string_view> keywords;
  std::set<std::string_view> formats;
  /// Properties that an object need not require, in all.
  std::size_t most_optional;
  std::size_t deepest;
  /// A schema may refer to one that it stands in.
  bool may_recur;
};

// https://developers.openai.com/api/docs/guides/structured-outputs, 2026-11.
const strict_rules& openai_rules() {
  static const strict_rules result{
    .keywords = {"type",
                 "properties",
                 "required",
                 "additionalProperties",
                 "items",
                 "enum",
                 "const",
                 "anyOf",
                 "$ref",
                 "$defs",
                 "definitions",
                 "description",
                 "title",
                 "pattern",
                 "format",
                 "multipleOf",
                 "minimum",
                 "maximum",
                 "exclusiveMinimum",
                 "exclusiveMaximum",
                 "minItems",
                 "maxItems"},
    .formats = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"},
    .most_optional = 0,
    .deepest = 10,
    .may_recur = true};
  return result;
}

// https://platform.claude.com/docs/en/build-with-claude/structured-outputs, 2026-11.
const strict_rules& anthropic_rules() {
  static const strict_rules result{
    .keywords = {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
                 "$ref", "$defs", "definitions", "description", "title", "format", "default"},
    .formats = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"},
    .most_optional = 10,
    .deepest = 32,
    .may_recur = false};
  return result;
}

/// Looks at one schema and all that stand in it.
class strict_check {
public:
  explicit strict_check(const strict_rules& rules) : rules_(rules) {}

  bool fits(const json& schema, std::size_t depth = 0) {
    if (!schema.is_object() || depth > rules_.deepest || !knows_keywords(schema))
      return false;
    // Whatever stands beside a reference is refused.
    if (schema.contains("$ref"))
      return schema.size() == 1 && rules_.may_recur;
    if (!schema.contains("type") && !schema.contains("anyOf") && !schema.contains("enum")
        && !schema.contains("const"))
      return false;
    if (has_type(schema, "object") && !fits_object(schema))
      return false;
    if (has_type(schema, "array") && !(schema.contains("items") && schema["items"].is_object()))
      return false;
    bool all_fit = true;
    each_inner(schema, [&](const json& inner) { all_fit = all_fit && fits(inner, depth + 1); });
    return all_fit;
  }

private:
  bool knows_keywords(const json& schema) const {
    for (const auto& [name, value] : schema.items())
      if (!rules_.keywords.contains(name) || (name == "format" && !knows_format(value)))
        return false;
    return true;
  }

  bool knows_format(const json& value) const {
    return value.is_string() && rules_.formats.contains(value.get_ref<const std::string&>());
  }

  bool fits_object(const json& schema) {
    const auto* properties = find_member(schema, "properties");
    const auto* others = find_member(schema, "additionalProperties");
    if (properties == nullptr || !properties->is_object() || others == nullptr || *others != false)
      return false;
    const auto* required = find_list(schema, "required");
    std::set<std::string_view> names;
    if (required != nullptr)
      for (const auto& name : *required)
        if (name.is_string())
          names.insert(name.get_ref<const std::string&>());
    for (const auto& [name, value] : properties->items())
      optional_ += names.erase(name) == 0 ? 1 : 0;
    return names.empty() && optional_ <= rules_.most_optional;
  }

  const strict_rules& rules_;
  std::size_t optional_ = 0;
};

bool can_be_strict(const json& schema, const strict_rules& rules) {
  return schema.is_object() && schema.contains("type") && schema["type"] == "object"
         && !schema.contains("anyOf") && strict_check{rules}.fits(schema);
}

} // namespace

json schema_of(const tool_definition& tool) {
  auto result = parse_object(tool.parameters);
  const auto type = result.find("type");
  // Some servers of tools leave the type out, write null, or allow null beside the object.
  if (type == result.end() || !type->is_string())
    result["type"] = "object";
  if (result["type"] == "object" && (!result.contains("properties") || !result["properties"].is_object()))
    result["properties"] = json::object();
  add_items(result);
  return result;
}

void close_objects(json& schema) {
  if (!schema.is_object())
    return;
  if (has_type(schema, "object") && !schema.contains("additionalProperties"))
    schema["additionalProperties"] = false;
  each_inner(schema, close_objects);
}

bool openai_can_be_strict(const json& schema) {
  return can_be_strict(schema, openai_rules());
}

bool anthropic_can_be_strict(const json& schema) {
  return can_be_strict(schema, anthropic_rules());
}

} // namespace magna
