#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <magna/tests/support/test.hpp>

#include "tls_flags.hpp"

namespace magna::test {

/// An authority of its own, and certificates of it for "node" and "client".
class certificates {
public:
  explicit certificates(std::filesystem::path directory, const std::string& environment = {})
    : directory_(std::move(directory)) {
    const auto command = environment + " " MAGNA_MAKE_CERTS " '" + directory_.string() + "'";
    runnable::current().require_eq(std::system(command.c_str()), 0);
  }

  /// For who shows the certificate of that name.
  [[nodiscard]] tls_files files(const std::string& name) const {
    const auto at = directory_.string() + "/";
    return {.certificate = at + name + ".pem", .key = at + name + ".key", .authority = at + "ca.pem"};
  }

  /// The same as flags.
  [[nodiscard]] std::vector<std::string> of(const std::string& name) const { return to_flags(files(name)); }

private:
  std::filesystem::path directory_;
};

} // namespace magna::test
