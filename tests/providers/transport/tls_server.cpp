#include <magna/tests/providers/transport/tls_server.hpp>

#include <csignal>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <magna/tests/support/test.hpp>

namespace magna::test {

namespace {

void add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

} // namespace

self_signed_certificate::temporary_file::~temporary_file() {
  if (!path.empty())
    unlink(path.c_str());
}

self_signed_certificate::self_signed_certificate(const std::string& subject)
  : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
  auto* x = certificate_.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_set_pubkey(x, key_.get());
  auto* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("magna test"),
                             -1, -1, 0);
  X509_set_issuer_name(x, name);
  add_extension(x, NID_subject_alt_name, subject);
  add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x, key_.get(), EVP_sha256());

  std::string path = P_tmpdir "/magna-test-XXXXXX";
  const auto fd = mkstemp(path.data());
  auto* file = fd >= 0 ? fdopen(fd, "w") : nullptr;
  if (file == nullptr || PEM_write_X509(file, x) != 1)
    runnable::current().fail("the certificate can't be written");
  std::fclose(file);
  file_.path = std::move(path);
}

namespace {

int prefer_http2(SSL*, const unsigned char** to, unsigned char* size, const unsigned char* offered,
                 unsigned offered_size, void*) {
  static constexpr unsigned char known[] = "\x02h2\x08http/1.1";
  unsigned char* selected = nullptr;
  const auto result = SSL_select_next_proto(&selected, size, known, sizeof known - 1, offered, offered_size);
  *to = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

} // namespace

tls_session::tls_session(connection peer, const self_signed_certificate& identity)
  : peer_(std::move(peer)), context_(SSL_CTX_new(TLS_server_method())) {
  // OpenSSL writes to a client that is gone.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_use_certificate(context_.get(), identity.certificate());
  SSL_CTX_use_PrivateKey(context_.get(), identity.key());
  SSL_CTX_set_alpn_select_cb(context_.get(), prefer_http2, nullptr);
  session_.reset(SSL_new(context_.get()));
  const timeval limit{.tv_sec = std::chrono::seconds{patience}.count(), .tv_usec = 0};
  setsockopt(peer_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  SSL_set_fd(session_.get(), peer_.descriptor());
}

bool tls_session::handshake() {
  // In TLS 1.3 the client judges the certificate after the server is done: its verdict comes with the first
  // read.
  char byte = 0;
  return SSL_accept(session_.get()) == 1 && SSL_peek(session_.get(), &byte, 1) == 1;
}

std::string tls_session::read_request() {
  std::string result;
  while (result.find("\r\n\r\n") == std::string::npos) {
    char part[4096];
    const auto count = SSL_read(session_.get(), part, sizeof(part));
    if (count <= 0)
      runnable::current().fail("no request came");
    result.append(part, static_cast<std::size_t>(count));
  }
  return result;
}

void tls_session::write(std::string_view bytes) {
  if (SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0)
    runnable::current().fail("the client does not read");
}

std::string tls_session::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

void tls_session::cut() {
  peer_.close();
}

} // namespace magna::test
