#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <magna/tests/support/test.hpp>

namespace magna::test {

/// An authority of its own, and certificates of it for "node" and "client".
class certificates {
public:
  explicit certificates(std::filesystem::path directory, const std::string& environment = {})
    : directory_(std::move(directory)) {
    const auto command = environment + " " MAGNA_MAKE_CERTS " '" + directory_.string() + "'";
    runnable::current().require_eq(std::system(command.c_str()), 0);
  }

  /// The flags for who shows the certificate of that name.
  [[nodiscard]] std::vector<std::string> of(const std::string& name) const {
    const auto at = directory_.string() + "/";
    return {"--tls-cert", at + name + ".pem", "--tls-key", at + name + ".key", "--tls-ca", at + "ca.pem"};
  }

private:
  std::filesystem::path directory_;
};

} // namespace magna::test
