#pragma once

#include <string>

namespace magna {

/// Where the certificates are that a TLS peer's must descend from. An empty member says nothing.
struct certificate_source {
  /// A file in PEM.
  std::string file;
  /// A folder as OpenSSL's `rehash` makes it.
  std::string folder;
  /// Who named them, and what names others: "the setting ca_file", "CURL_CA_BUNDLE", "the system's; ...".
  std::string origin;
};

/// Decides as the curl tool does: `ca_file` if given, else CURL_CA_BUNDLE, else SSL_CERT_FILE and
/// SSL_CERT_DIR from the environment (an empty variable counts as unset), else the system's.
certificate_source find_certificates(std::string ca_file, certificate_source system);

/// In words, for an error: "/etc/ssl/certs/ca-certificates.crt (the system's; SSL_CERT_FILE names others)".
std::string describe(const certificate_source& x);

} // namespace magna
