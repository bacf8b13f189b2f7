#include <magna/config/fields.hpp>

#include <magna/tests/support/test.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

using namespace magna;
using namespace magna::config;

namespace {

std::string readme() {
  std::ifstream in{MAGNA_README};
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

/// The line of the README's table that has `word` as code.
std::string row_of(const std::string& text, std::string_view word) {
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("|") && line.find("`" + std::string{word} + "`") != std::string::npos)
      return line;
  return {};
}

} // namespace

SUITE("config.readme") {

TEST("the README's table has every setting with its names and its default") {
  const auto text = readme();
  require(!text.empty());
  for (const auto& field : fields()) {
    if (field.key.empty())
      continue;
    const auto row = row_of(text, field.key);
    if (row.empty())
      fail("the README has no row for {}", std::string{field.key});
    for (const auto name : {field.variable, field.flag})
      if (!name.empty() && row.find("`" + std::string{name} + "`") == std::string::npos)
        fail("the README's row for {} lacks {}", std::string{field.key}, std::string{name});
    if (row.find(field.fallback) == std::string::npos)
      fail("the README's row for {} lacks its default, {}", std::string{field.key},
           std::string{field.fallback});
  }
}

TEST("the README has the variables and defaults of every built-in provider") {
  const auto text = readme();
  for (const auto& instance : built_ins()) {
    const auto row = row_of(text, instance.name);
    check_ne(row.find("`" + std::string{instance.url_variable} + "`"), std::string::npos);
    check_ne(row.find("`" + std::string{instance.model_variable} + "`"), std::string::npos);
    check_ne(row.find("`" + default_base_url(instance.kind) + "`"), std::string::npos);
    check_ne(row.find("`" + default_model(instance.kind) + "`"), std::string::npos);
    for (const auto name : {instance.key_variable, instance.sdk_key_variable, instance.sdk_url_variable})
      if (!name.empty())
        check_ne(row.find("`" + std::string{name} + "`"), std::string::npos);
    for (const auto& variable : instance.header_variables)
      check_ne(text.find("`" + variable.name + "`"), std::string::npos);
  }
}

} // SUITE("config.readme")
