#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <magna/config/load.hpp>
#include <magna/config/origins.hpp>

namespace magna::config {

/// A variable of the environment or of the .env file.
struct variable {
  /// Without white space at either end; never empty.
  std::string value;
  /// "NAME", or "NAME (.env:3)".
  std::string written;
};

/// The environment above the .env file; empty variables are in neither.
class variables {
public:
  /// Reads `directory/.env` if it exists, and reports to `out` what is wrong with it.
  variables(const sources& from, origins& out);

  const variable* find(std::string_view name) const;

private:
  std::map<std::string, variable, std::less<>> table_;
};

/// The content of a file. Nothing: it can't be read, and `out` was told so.
std::optional<std::string> read_file(const std::filesystem::path& path, origins& out);

} // namespace magna::config
