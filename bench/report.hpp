#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <magna/bench/rounds.hpp>

namespace magna::bench {

/// The results of a bench as a table. What misses its target is marked, and so are rows that others
/// disturbed.
std::string table_of(const std::string& title, const std::vector<row>& rows);

/// What others did while a bench ran, in a line.
std::string text_of_others(const runner& ran);

/// Writes DIR/NAME.json. Throws std::runtime_error if that can't be done.
void write_json(const std::filesystem::path& dir, const std::string& name, const std::vector<row>& rows,
                const runner& ran);

} // namespace magna::bench
