#pragma once

#include <string>

namespace magna {

/// Where the certificates are that a TLS peer's must descend from. An empty member says nothing.
struct certificate_source {
  /// A file in PEM.
  std::string file;
  /// A folder as OpenSSL's `rehash` makes it.
  std::string folder;

  friend bool operator==(const certificate_source&, const certificate_source&) = default;
};

/// Decides as the curl tool does: `ca_file` if given, else CURL_CA_BUNDLE, else SSL_CERT_FILE and
/// SSL_CERT_DIR from the environment (an empty variable counts as unset), else the system's.
certificate_source find_certificates(std::string ca_file, certificate_source system);

} // namespace magna
