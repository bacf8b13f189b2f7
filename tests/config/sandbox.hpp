#pragma once

#include <magna/config/load.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace magna::test {

/// A directory of its own for configuration files, and an environment that is not the process's.
class sandbox {
public:
  sandbox() : root_(std::filesystem::temp_directory_path() / ("magna-config-" + std::to_string(getpid()))) {
    start({});
  }
  ~sandbox() { std::filesystem::remove_all(root_); }
  sandbox(const sandbox&) = delete;
  sandbox& operator=(const sandbox&) = delete;

  config::sources from;

  /// Begins anew: no files, no flags, this environment.
  void start(config::environment variables) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    from = {};
    from.environment = std::move(variables);
    from.directory = root_;
  }

  void set(std::string_view name, std::string_view value) {
    from.environment.insert_or_assign(std::string{name}, std::string{value});
  }
  void flag(std::string_view name, std::string_view value) { from.flags.emplace_back(name, value); }

  std::filesystem::path path(std::string_view name) const { return root_ / name; }
  void write(std::string_view name, std::string_view content) const {
    std::ofstream{path(name), std::ios::binary} << content;
  }
  void make_directory(std::string_view name) const { std::filesystem::create_directory(path(name)); }

  /// Takes away the permission to read. Returns whether that keeps this process from reading.
  bool forbid(std::string_view name) const {
    std::filesystem::permissions(path(name), std::filesystem::perms::none);
    return geteuid() != 0;
  }

  config::options load() const { return config::load(from); }

  /// What is wrong; empty: nothing.
  std::vector<std::string> load_errors() const {
    try {
      config::load(from);
    } catch (const config::config_error& error) {
      return error.errors();
    }
    return {};
  }

private:
  std::filesystem::path root_;
};

} // namespace magna::test
