#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <magna/messages/export.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// The transport on libcurl: a thread of its own, or several, each with its multi handles and one epoll set.
///
/// Connections are kept and reused; TLS peers are always verified; HTTP/2 is used where TLS negotiates it;
/// redirects are not followed; nothing but http and https is spoken. Proxies come from the environment as
/// libcurl reads it (http_proxy, HTTPS_PROXY, ALL_PROXY, NO_PROXY): with a proxy set, loopback hosts need an
/// entry in NO_PROXY. The body reaches the listener as the server encoded it: no Accept-Encoding is sent
/// unless the request has one.
///
/// What arrives in one read is one call of on_data, however the server chunked it. A paused transfer is
/// silent: its end, good or bad, is told after `resume` as well.
///
/// The destructor ends all transfers that still run with errc::cancelled, waits for its threads, and must not
/// run on one of them: no listener may hold the last reference to its transport.
class MAGNA_EXPORT curl_transport final : public transport {
public:
  /// What the transport can be told.
  struct settings {
    /// The transport thread's name; Linux shows 15 characters. Several are numbered from 0.
    std::string thread_name = "magna-http";
    /// Threads, each with connections of its own. At least 1.
    std::size_t threads = 1;
    /// The file of certificates to trust, in PEM. Empty: CURL_CA_BUNDLE, SSL_CERT_FILE or SSL_CERT_DIR from
    /// the environment, as the curl tool does, else the system's.
    std::string ca_file;
    /// Connections, busy or idle, beyond which one that becomes idle is closed instead of kept. Idle ones
    /// close after two minutes in any case.
    std::size_t max_kept_connections = 16'384;
  };

  /// Throws std::system_error when the process has no descriptor or thread left.
  curl_transport();
  /// The same, with settings of one's own.
  explicit curl_transport(const settings& config);
  ~curl_transport() override;

  transfer_id start(http_request request, const transfer_options& options,
                    std::shared_ptr<transfer_listener> listener) override;
  void resume(transfer_id id) override;
  void cancel(transfer_id id) override;

private:
  class MAGNA_HIDDEN impl;
  std::unique_ptr<impl> impl_;
};

} // namespace magna
