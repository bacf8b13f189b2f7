#pragma once

#include <string_view>

#include <magna/config/fields.hpp>
#include <magna/config/toml_file.hpp>

namespace magna::config {

/// The non-empty parts of a text between commas, without white space around them.
std::vector<std::string> split_list(std::string_view text);

/// Reads the text of a variable or flag into `where`. Returns whether it is such a value at all; whether it
/// lies in the setting's range is `validate`'s to say. Seconds that don't fit become the largest number that
/// does.
bool read_text(const slot& where, std::string_view text, bool commas);

/// Reads a value of a TOML file into `where`, as strictly: a number in quotes is no number. A list of
/// `commas` in the other sources must not be empty here either.
bool read_toml(const slot& where, const toml_value& value, bool commas = false);

} // namespace magna::config
