#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <magna/tests/providers/transport/raw_server.hpp>

namespace magna::test {

/// A certificate that signs itself, with its key, made for this process.
class self_signed_certificate {
public:
  /// `subject` is the name it vouches for, as in a subjectAltName: "IP:127.0.0.1" or "DNS:example.org".
  explicit self_signed_certificate(const std::string& subject);

  /// A file with the certificate in PEM, which lives as long as this object.
  [[nodiscard]] const std::string& file() const noexcept { return file_.path; }

  [[nodiscard]] X509* certificate() const noexcept { return certificate_.get(); }

  [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }

private:
  struct temporary_file {
    std::string path;

    ~temporary_file();
  };

  struct deleter {
    void operator()(EVP_PKEY* x) const noexcept { EVP_PKEY_free(x); }

    void operator()(X509* x) const noexcept { X509_free(x); }
  };

  std::unique_ptr<EVP_PKEY, deleter> key_;
  std::unique_ptr<X509, deleter> certificate_;
  temporary_file file_;
};

/// The server's side of TLS on an accepted connection.
class tls_session {
public:
  tls_session(connection peer, const self_signed_certificate& identity);

  /// Returns whether the client accepts the certificate.
  bool handshake();

  /// Reads what comes up to the end of a request's head.
  std::string read_request();

  void write(std::string_view bytes);

  /// The protocol that was agreed on: "h2" where the client offers it, else "http/1.1".
  [[nodiscard]] std::string protocol() const;

  /// Ends the connection without TLS's own goodbye.
  void cut();

private:
  struct deleter {
    void operator()(SSL_CTX* x) const noexcept { SSL_CTX_free(x); }

    void operator()(SSL* x) const noexcept { SSL_free(x); }
  };

  connection peer_;
  std::unique_ptr<SSL_CTX, deleter> context_;
  std::unique_ptr<SSL, deleter> session_;
};

} // namespace magna::test
