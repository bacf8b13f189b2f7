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
  /// Why the value can't be used; empty: it can.
  std::string problem{};
};

/// The environment above the .env file; empty variables are in neither.
class variables {
public:
  /// Reads `directory/.env` if it is a file. What is wrong with it is nothing to stop for: `out` is warned. Others
  /// write this file as well.
  variables(const sources& from, origins& out);

  /// Null: it is not set. A value that can't be used is refused, once: somebody wants it.
  const variable* find(std::string_view name) const;

private:
  void read_dotenv(const sources& from);

  origins& out_;
  mutable std::map<std::string, variable, std::less<>> table_;
};

/// The content of a file. Nothing: it can't be read, and `out` was told so.
std::optional<std::string> read_file(const std::filesystem::path& path, origins& out);

/// The same; `problem` says why it can't be read.
std::optional<std::string> read_file(const std::filesystem::path& path, std::string& problem);

} // namespace magna::config
