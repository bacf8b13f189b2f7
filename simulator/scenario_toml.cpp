#include <magna/simulator/script.hpp>

#include <toml++/toml.h>

#include <fstream>
#include <sstream>

namespace magna::simulator {

namespace {

place place_of(const toml::node& node) {
  return {node.source().begin.line, node.source().begin.column};
}

/// A value as the text form spells it; an array of strings becomes ITEM|ITEM.
std::string spell(const toml::node& node, std::string_view source, bool list) {
  if (const auto* text = node.as_string())
    return text->get();
  if (const auto* number = node.as_integer())
    return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) {
    std::ostringstream out;
    out << number->get();
    return out.str();
  }
  if (const auto* truth = node.as_boolean())
    return truth->get() ? "true" : "false";
  if (const auto* items = node.as_array(); items != nullptr && list) {
    std::string result;
    for (const auto& item : *items) {
      if (!result.empty())
        result += '|';
      result += spell(item, source, false);
    }
    return result;
  }
  fail_at(source, place_of(node), "expected a string, a number or a boolean");
}

/// `header = [...]` gives the option once per item.
void add_arguments(call& to, std::string_view key, const toml::node& node, std::string_view source) {
  const auto* items = node.as_array();
  if (items == nullptr || key == "keys" || key == "models") {
    to.arguments.push_back({std::string{key}, spell(node, source, true), place_of(node)});
    return;
  }
  for (const auto& item : *items)
    to.arguments.push_back({std::string{key}, spell(item, source, false), place_of(item)});
}

void add_step(std::vector<call>& to, const toml::node& node, std::string_view source) {
  if (const auto* text = node.as_string()) {
    for (auto& step : parse_steps(text->get(), source, place_of(node)))
      to.push_back(std::move(step));
    return;
  }
  const auto* table = node.as_table();
  if (table == nullptr)
    fail_at(source, place_of(node),
            R"(expected a step: a string in the text form, or a table such as { step = "cut", after = 3 })");
  call result{.word = {}, .arguments = {}, .where = place_of(node)};
  for (const auto& [key, value] : *table) {
    if (key.str() == "step")
      result.word = spell(value, source, false);
    else
      add_arguments(result, key.str(), value, source);
  }
  if (result.word.empty())
    fail_at(source, place_of(node), R"(a step needs its name: { step = "name", ... })");
  to.push_back(std::move(result));
}

entry read_entry(std::string_view target, const toml::table& table, std::string_view source) {
  entry result{.target = {std::string{target}, {}, place_of(table)}, .steps = {}};
  for (const auto& [key, value] : table) {
    if (key.str() != "steps") {
      add_arguments(result.target, key.str(), value, source);
    } else if (const auto* list = value.as_array()) {
      for (const auto& item : *list)
        add_step(result.steps, item, source);
    } else {
      add_step(result.steps, value, source);
    }
  }
  return result;
}

} // namespace

scenario parse_scenario_toml(std::string_view text, std::string_view source) {
  toml::table document;
  try {
    document = toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    fail_at(source, {begin.line, begin.column}, error.description());
  }
  std::vector<entry> entries;
  for (const auto& [key, node] : document) {
    if (const auto* table = node.as_table()) {
      entries.push_back(read_entry(key.str(), *table, source));
    } else if (const auto* tables = node.as_array();
               tables != nullptr && tables->is_homogeneous<toml::table>()) {
      for (const auto& item : *tables)
        entries.push_back(read_entry(key.str(), *item.as_table(), source));
    } else {
      fail_at(source, place_of(node), "expected a table such as [gemini] or [[gemini]]");
    }
  }
  return build(entries, source);
}

scenario load_scenario(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    throw scenario_error{path + ": can't be read, or is empty"};
  return parse_scenario_toml(text.str(), path);
}

} // namespace magna::simulator
