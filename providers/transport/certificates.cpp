#include <magna/providers/transport/certificates.hpp>

#include <cstdlib>
#include <utility>

namespace magna {

namespace {

std::string environment(const char* name) {
  const auto* value = std::getenv(name);
  return value != nullptr ? value : "";
}

} // namespace

certificate_source find_certificates(std::string ca_file, certificate_source system) {
  if (!ca_file.empty())
    return {std::move(ca_file), {}, "the transport's ca_file"};
  if (auto bundle = environment("CURL_CA_BUNDLE"); !bundle.empty())
    return {std::move(bundle), {}, "CURL_CA_BUNDLE"};
  if (certificate_source result{environment("SSL_CERT_FILE"), environment("SSL_CERT_DIR"), {}};
      !result.file.empty() || !result.folder.empty()) {
    result.origin = result.folder.empty() ? "SSL_CERT_FILE"
                    : result.file.empty() ? "SSL_CERT_DIR"
                                          : "SSL_CERT_FILE, SSL_CERT_DIR";
    return result;
  }
  // One of them is enough, and the file is better: libcurl keeps parsed certificates only when no folder is
  // set, and parsing them takes milliseconds of every new connection.
  if (!system.file.empty())
    system.folder.clear();
  system.origin = "the system's; SSL_CERT_FILE names others";
  return system;
}

std::string describe(const certificate_source& x) {
  const auto both = !x.file.empty() && !x.folder.empty();
  return x.file + (both ? " and " : "") + x.folder + " (" + x.origin + ')';
}

} // namespace magna
