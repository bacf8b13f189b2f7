#include <magna/node/caf/tls_context.hpp>

#include <utility>

#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/sec.hpp>

namespace magna {

namespace {

bool same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// Whether a file is not what it was.
bool has_changed(const std::string& path, struct stat& before) {
  struct stat now {};
  if (::stat(path.c_str(), &now) != 0)
    now = {};
  const auto was = std::exchange(before, now);
  return was.st_dev != now.st_dev || was.st_ino != now.st_ino || was.st_size != now.st_size
         || !same(was.st_mtim, now.st_mtim) || !same(was.st_ctim, now.st_ctim);
}

} // namespace

tls_context::tls_context(const caf::actor_system_config& config)
  : certificate_{get_or(config, "caf.openssl.certificate", std::string{}), {}},
    key_{get_or(config, "caf.openssl.key", std::string{}), {}},
    authority_{get_or(config, "caf.openssl.cafile", std::string{}), {}} {}

caf::expected<tls_session_ptr> tls_context::make_session(int socket, bool is_accepted) {
  const mutex_lock guard{mutex_};
  auto problem = refresh();
  if (problem.empty()) {
    tls_session_ptr made{SSL_new(loaded_.get())};
    if (made && SSL_set_fd(made.get(), socket) == 1) {
      if (is_accepted)
        SSL_set_accept_state(made.get());
      else
        SSL_set_connect_state(made.get());
      return made;
    }
    problem = "there is no memory for it";
  }
  return caf::make_error(caf::sec::cannot_connect_to_node, "no TLS session can be made: " + problem);
}

std::string tls_context::refresh() {
  bool changed = false;
  for (auto* x : {&certificate_, &key_, &authority_})
    changed = has_changed(x->path, x->state) || changed;
  if (loaded_ && !changed)
    return {};
  auto problem = load();
  if (!problem.empty())
    loaded_.reset();
  return problem;
}

std::string tls_context::load() {
  loaded_.reset(SSL_CTX_new(TLS_method()));
  auto* made = loaded_.get();
  if (made == nullptr)
    return "there is no memory for it";
  if (SSL_CTX_use_certificate_chain_file(made, certificate_.path.c_str()) != 1)
    return "the certificate " + certificate_.path + " can't be loaded";
  if (SSL_CTX_use_PrivateKey_file(made, key_.path.c_str(), SSL_FILETYPE_PEM) != 1)
    return "the key " + key_.path + " can't be loaded, or is of another certificate than "
           + certificate_.path;
  if (SSL_CTX_load_verify_locations(made, authority_.path.c_str(), nullptr) != 1)
    return "the authority " + authority_.path + " can't be loaded";
  if (SSL_CTX_set_cipher_list(made, "HIGH:!aNULL:!MD5") != 1)
    return "OpenSSL has none of the ciphers";
  SSL_CTX_set_verify(made, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Every connection shows its certificate: none takes up another one's session.
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(made, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(made, 0);
  return {};
}

} // namespace magna
