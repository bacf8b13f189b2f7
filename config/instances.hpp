#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <magna/actors/settings.hpp>
#include <magna/config/fields.hpp>
#include <magna/config/origins.hpp>
#include <magna/config/toml_file.hpp>
#include <magna/config/variables.hpp>

namespace magna::config {

/// The configured providers, and those that could be but are not.
struct instances {
  /// In the default order: built-in ones first, then the others as the file has them.
  std::vector<provider_settings> usable;
  struct missing_instance {
    std::string name;
    /// What the user can do about it.
    std::string remedy;
  };
  std::vector<missing_instance> missing;
};

/// Puts the providers together from the environment and the file's [[provider]] tables. `source` is the
/// file's name in errors.
instances make_instances(const std::vector<toml_table>& tables, std::string_view source,
                         const variables& vars, std::optional<bool> local_models, origins& out);

/// Applies one key of a table to a field, or refuses it.
void read_entry(const slot& where, std::string_view setting, const field& what, const toml_entry& entry,
                std::string_view source, origins& out);

/// Refuses a key that no setting has.
void refuse_unknown(const toml_entry& entry, std::string_view source,
                    const std::vector<std::string_view>& known, origins& out);

} // namespace magna::config
