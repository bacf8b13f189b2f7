#include <magna/config/fields.hpp>

#include <magna/tests/support/manual.hpp>
#include <magna/tests/support/test.hpp>

#include <string>

using namespace magna;
using namespace magna::config;

SUITE("config.manual") {

TEST("magna.toml(5) has every setting with its default, and says whether one provider can have its own") {
  const auto page = test::manual_page(MAGNA_TOML_MANUAL);
  require(!page.empty());
  for (const auto& field : fields()) {
    if (field.key.empty())
      continue;
    const auto marked =
      field.own == nullptr ? ".B " + std::string{field.key} + "\n" : ".BR " + std::string{field.key} + " *\n";
    const auto at = page.find(marked);
    if (at == std::string::npos) {
      fail("magna.toml(5) lacks {}", marked);
      continue;
    }
    const auto entry = page.substr(at, page.find("\n.TP", at) - at);
    if (entry.find("Default: " + std::string{field.fallback}) == std::string::npos)
      fail("magna.toml(5) has another default for {}", std::string{field.key});
  }
}

TEST("magna.toml(5) has every key of a provider") {
  const auto page = test::manual_page(MAGNA_TOML_MANUAL);
  for (const auto key : provider_keys())
    if (page.find("\n.B " + std::string{key} + "\n") == std::string::npos
        && page.find("\n.BR " + std::string{key} + " ") == std::string::npos
        && page.find("\" " + std::string{key} + " ") == std::string::npos
        && page.find("\" " + std::string{key} + "\n") == std::string::npos)
      fail("magna.toml(5) lacks {}", std::string{key});
}

TEST("magna(1) has every variable of the environment") {
  const auto page = test::manual_page(MAGNA_MANUAL);
  require(!page.empty());
  for (const auto& field : fields())
    if (!field.variable.empty() && page.find(field.variable) == std::string::npos)
      fail("magna(1) lacks {}", std::string{field.variable});
  for (const auto& instance : built_ins())
    for (const auto name : {instance.key_variable, instance.url_variable, instance.model_variable,
                            instance.sdk_key_variable, instance.sdk_url_variable})
      if (!name.empty() && page.find(name) == std::string::npos)
        fail("magna(1) lacks {}", std::string{name});
}

} // SUITE("config.manual")
