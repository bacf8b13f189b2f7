#include <magna/node/caf/tls_transport.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <openssl/ssl.h>

namespace magna {

namespace {

/// What is wrong with this side's files; empty: nothing.
std::string problem_with_files(const caf::actor_system_config& config) {
  const auto file = [&config](const std::string& key) { return get_or(config, key, std::string{}); };
  const auto certificate = file("caf.openssl.certificate");
  const auto key = file("caf.openssl.key");
  const auto authority = file("caf.openssl.cafile");
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> trial{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (SSL_CTX_use_certificate_chain_file(trial.get(), certificate.c_str()) != 1)
    return "the certificate " + certificate + " can't be loaded";
  if (SSL_CTX_use_PrivateKey_file(trial.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return "the key " + key + " can't be loaded, or is of another certificate than " + certificate;
  if (SSL_CTX_load_verify_locations(trial.get(), authority.c_str(), nullptr) != 1)
    return "the authority " + authority + " can't be loaded";
  return {};
}

} // namespace

caf::expected<caf::openssl::session_ptr>
make_tls_session(caf::actor_system& sys, caf::io::network::native_socket fd, bool is_accepted) {
  // CAF throws, and loses memory, if a file can't be used: it may be away for a moment, or half written.
  auto problem = problem_with_files(sys.config());
  if (problem.empty()) {
    try {
      return caf::openssl::make_session(sys, fd, is_accepted);
    } catch (const std::runtime_error& reason) {
      problem = reason.what();
    }
  }
  return caf::make_error(caf::sec::cannot_connect_to_node, "no TLS session can be made: " + problem);
}

} // namespace magna
