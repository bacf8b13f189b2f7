#include <magna/config/toml_file.hpp>

#include <algorithm>
#include <sstream>

#include <magna/text/number.hpp>

#include <toml++/toml.h>

namespace magna::config {

namespace {

std::variant<unfit, std::vector<std::string>> to_texts(const toml::array& array) {
  std::vector<std::string> result;
  for (const auto& element : array) {
    const auto* text = element.as_string();
    if (text == nullptr)
      return unfit{};
    result.push_back(text->get());
  }
  return result;
}

/// Dates and times become texts.
std::string to_json(const toml::table& table) {
  std::ostringstream out;
  out << toml::json_formatter{table};
  return out.str();
}

toml_value to_value(const toml::node& node) {
  toml_value result;
  result.line = node.source().begin.line;
  if (const auto* boolean = node.as_boolean())
    result.content = boolean->get();
  else if (const auto* integer = node.as_integer())
    result.content = integer->get();
  else if (const auto* real = node.as_floating_point())
    result.content = real->get();
  else if (const auto* text = node.as_string())
    result.content = text->get();
  else if (const auto* array = node.as_array())
    std::visit([&](auto&& x) { result.content = std::forward<decltype(x)>(x); }, to_texts(*array));
  else if (const auto* table = node.as_table()) {
    result.json = to_json(*table);
    http_headers headers;
    for (const auto& [key, value] : *table) {
      const auto* header = value.as_string();
      if (header == nullptr)
        return result;
      headers.emplace_back(std::string{key.str()}, header->get());
    }
    result.content = std::move(headers);
  }
  return result;
}

toml_table to_table(const toml::table& table) {
  toml_table result;
  result.line = table.source().begin.line;
  for (const auto& [key, value] : table) {
    result.entries.push_back({std::string{key.str()}, to_value(value)});
    result.entries.back().value.line = key.source().begin.line;
  }
  std::ranges::stable_sort(result.entries, {}, [](const toml_entry& x) { return x.value.line; });
  return result;
}

} // namespace

toml_document parse_toml(std::string_view text) {
  toml::table parsed;
  try {
    parsed = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw toml_error{error.source().begin.line, std::string{error.description()}};
  }
  toml_document result;
  if (const auto* list = parsed["provider"].as_array(); list != nullptr && !list->empty()) {
    const bool all_tables = std::ranges::all_of(*list, [](const toml::node& x) { return x.is_table(); });
    if (all_tables) {
      for (const auto& node : *list)
        result.providers.push_back(to_table(*node.as_table()));
      parsed.erase("provider");
    }
  }
  result.top = to_table(parsed);
  return result;
}

std::string to_text(const toml_value& value) {
  struct printer {
    std::string operator()(unfit) const { return "(a table, list or date)"; }
    std::string operator()(bool x) const { return x ? "true" : "false"; }
    std::string operator()(std::int64_t x) const { return std::to_string(x); }
    std::string operator()(double x) const { return number_text(x); }
    std::string operator()(const std::string& x) const { return x; }
    std::string operator()(const std::vector<std::string>& x) const {
      std::string result;
      for (const auto& text : x)
        result += (result.empty() ? "" : ", ") + text;
      return result;
    }
    std::string operator()(const http_headers&) const { return "(a table)"; }
  };
  return std::visit(printer{}, value.content);
}

} // namespace magna::config
