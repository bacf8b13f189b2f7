#include <magna/config/fields.hpp>

#include <array>
#include <iterator>

#include <magna/providers/codec_registry.hpp>

namespace magna::config {

namespace {

namespace ranges = setting_ranges;

constexpr auto every_command = flag_scope::every_command;
constexpr auto no_flag = flag_scope::none;

// What `settings` has no place for.
const field draft_fields[] = {
  {{"enable_local_models", "ENABLE_LOCAL_MODELS", "", no_flag, "BOOL", "false", ranges::flag,
    "use Ollama; false also switches off [[provider]] tables of that kind", nullptr, nullptr},
   [](draft& x) -> setting_slot { return &x.local_models; }},
  {{"chain",
    "MAGNA_CHAIN",
    "--provider",
    every_command,
    "NAME,NAME...",
    "gemini, openai, anthropic, ollama, then the file's",
    {"names of configured providers, each once"},
    "the providers to ask, in this order; ask takes NAME/MODEL as well",
    nullptr,
    nullptr,
    true},
   [](draft& x) -> setting_slot { return &x.chain; }},
  {{"", "", "--model", flag_scope::ask_only, "M", "each provider's own", ranges::model,
    "the model to ask for", nullptr, nullptr},
   [](draft& x) -> setting_slot { return &x.model; }},
  {{"log_level",
    "MAGNA_LOG",
    "--log-level",
    every_command,
    "LEVEL",
    "error; of a node: warn",
    {"trace, debug, info, warn, error or off"},
    "what is logged to stderr",
    nullptr,
    nullptr},
   [](draft& x) -> setting_slot { return &x.log_level; }},
};

constexpr std::array<std::string_view, 17> own_keys = {
  "name",        "kind",    "base_url", "model",           "api_key",         "api_keys",
  "api_key_env", "headers", "node",     "embedding_model", "embedding_space", "auth",
  "region",      "service", "project",  "location",        "credentials_file"};

} // namespace

setting_slot field::global(draft& to) const {
  return of_draft != nullptr ? of_draft(to) : of_all(to.values);
}

std::span<const field> fields() {
  static const auto all = [] {
    std::vector<field> result;
    for (const auto& row : setting_table())
      result.push_back({row});
    result.insert(result.end(), std::begin(draft_fields), std::end(draft_fields));
    return result;
  }();
  return all;
}

std::vector<built_in> built_ins() {
  std::vector<built_in> result;
  for (const auto* codec : all_codecs()) {
    const auto& about = codec->about();
    if (!about.key_variable.empty() || !about.url_variable.empty() || !about.model_variable.empty())
      result.push_back({about.kind, about.kind, about.title, about.key_variable, about.url_variable,
                        about.model_variable, about.sdk_key_variable, about.sdk_url_variable,
                        about.read_sdk_url, about.header_variables, about.is_local});
  }
  return result;
}

std::span<const std::string_view> provider_keys() {
  return own_keys;
}

} // namespace magna::config
