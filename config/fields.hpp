#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <magna/actors/settings.hpp>

namespace magna::config {

/// Settings on their way from the sources, with what `settings` itself has no place for.
struct draft {
  magna::settings values;
  /// Empty: the command's own.
  std::string log_level;
  std::optional<bool> local_models;
  std::vector<std::string> chain;
  /// For every provider, from the command line only.
  std::string model;
};

/// Where a value goes; its type says how it is read.
using slot = std::variant<std::optional<double>*, std::uint32_t*, std::optional<std::uint32_t>*,
                          std::optional<std::int64_t>*, milliseconds*, std::optional<milliseconds>*, bool*,
                          std::optional<bool>*, std::string*, std::vector<std::string>*>;

/// Which commands a flag belongs to.
enum class flag_scope : std::uint8_t { none, every_command, ask_only };

/// One setting: all that reading, checking, --help and the documentation need to know. A name is empty where
/// the setting can't be given that way.
struct field {
  /// In the TOML file; also the name that `validate` uses.
  std::string_view key;
  /// In the environment.
  std::string_view variable;
  /// On the command line.
  std::string_view flag;
  flag_scope scope;
  /// What stands for the value in --help; empty: the flag takes none and means true.
  std::string_view placeholder;
  std::string_view fallback;
  std::string_view allowed;
  std::string_view meaning;
  slot (*global)(draft&);
  /// The same for one provider; null: all providers share it.
  slot (*own)(provider_settings&);
  /// Splits a text from environment or command line into a list.
  bool commas = false;
};

std::span<const field> fields();

/// An instance that the environment can configure on its own. Its texts live as long as the program.
struct built_in {
  /// The same as the kind's.
  std::string_view name;
  provider_kind kind;
  /// For people.
  std::string_view title;
  /// Empty for a kind that needs no key.
  std::string_view key_variable;
  std::string_view url_variable;
  std::string_view model_variable;
  /// On the user's own machine: wanted only with ENABLE_LOCAL_MODELS.
  bool is_local = false;
};

/// Those of all codecs that are registered, in the order of the default chain.
std::vector<built_in> built_ins();

/// Keys of a [[provider]] table beside those fields that have `own`.
std::span<const std::string_view> provider_keys();

} // namespace magna::config
