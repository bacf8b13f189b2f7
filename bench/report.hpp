#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <magna/bench/rounds.hpp>

namespace magna::bench {

/// The results of a bench as a table. What misses its target is marked.
std::string table_of(const std::string& title, const std::vector<row>& rows);

/// Writes DIR/NAME.json. Throws std::runtime_error if that can't be done.
void write_json(const std::filesystem::path& dir, const std::string& name, int rounds,
                const std::vector<row>& rows);

} // namespace magna::bench
