#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <magna/actors/setting_table.hpp>

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

using slot = setting_slot;

/// A setting of `settings`, or one that only the draft has.
struct field : setting_row {
  slot (*of_draft)(draft&) = nullptr;

  /// Where the value of all providers goes.
  slot global(draft& to) const;
};

/// First those of `setting_table`.
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
  /// Those that the provider's own programs read.
  std::string_view sdk_key_variable;
  std::string_view sdk_url_variable;
  std::string (*read_sdk_url)(std::string_view text) = nullptr;
  std::span<const header_variable> header_variables;
  /// On the user's own machine: wanted only with ENABLE_LOCAL_MODELS.
  bool is_local = false;
};

/// Those of all codecs that are registered, in the order of the default chain.
std::vector<built_in> built_ins();

/// Keys of a [[provider]] table beside those fields that have `own`.
std::span<const std::string_view> provider_keys();

} // namespace magna::config
