#include <magna/tests/faults/places.hpp>
#include <magna/tests/providers/transport/tls_server.hpp>

using namespace magna;
using namespace magna::test;

namespace {

constexpr std::string_view chapter = "Connecting";

/// A port that was free a moment ago.
place nobody(provider_kind) {
  const raw_server server;
  return {"http://" + server.authority(), {}};
}

place unknown_host(provider_kind) {
  return {"http://host.invalid:8080", {}};
}

/// Offers a certificate that nobody has vouched for.
class untrusted_server {
public:
  ~untrusted_server() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] std::string origin() const { return "https://" + server_.authority(); }

private:
  void run() {
    while (!stopping_) {
      if (server_.has_waiting())
        tls_session{server_.accept(), identity_}.handshake();
      else
        std::this_thread::sleep_for(1ms);
    }
  }

  raw_server server_;
  self_signed_certificate identity_{"IP:127.0.0.1"};
  std::atomic<bool> stopping_ = false;
  std::thread thread_{[this] { run(); }};
};

place wrong_certificate(provider_kind) {
  auto made = std::make_shared<untrusted_server>();
  return {made->origin(), made};
}

void connect_within_100ms(settings& config) {
  config.providers.front().timeouts.connect = 100ms;
}

} // namespace

SUITE("faults.connecting") {

FAULT_ROW("a connection that is refused goes to the backup at once", .fault = "connection refused",
          .phase = phases::connect,
          .expect = backup_at_once(errc::provider_unavailable).saying("connection refused"), .where = nobody)

FAULT_ROW("a connection that is refused goes to the backup at once, also without streaming",
          .fault = "connection refused", .phase = phases::whole,
          .expect = backup_at_once(errc::provider_unavailable).saying("connection refused"), .where = nobody)

FAULT_ROW("a host without an address goes to the backup at once", .fault = "the name can't be resolved",
          .phase = phases::connect,
          .expect = backup_at_once(errc::provider_unavailable).saying("could not be resolved"),
          .where = unknown_host)

FAULT_ROW("a host without an address goes to the backup at once, also without streaming",
          .fault = "the name can't be resolved", .phase = phases::whole,
          .expect = backup_at_once(errc::provider_unavailable).saying("could not be resolved"),
          .where = unknown_host)

FAULT_ROW("a connect that gets no answer is a timeout that names the connect deadline",
          .fault = "connect blackhole", .phase = phases::connect,
          .expect = twice_then_backup(errc::timeout).saying("connect timeout").taking(200ms),
          .where = black_hole, .adjust = connect_within_100ms)

FAULT_ROW("a connect that gets no answer is a timeout, also without streaming", .fault = "connect blackhole",
          .phase = phases::whole,
          .expect = twice_then_backup(errc::timeout).saying("connect timeout").taking(200ms),
          .where = black_hole, .adjust = connect_within_100ms)

FAULT_ROW("a certificate that nobody vouches for gets no request", .fault = "TLS with a wrong certificate",
          .phase = phases::connect,
          .expect = backup_at_once(errc::provider_error).saying("the certificate of"),
          .where = wrong_certificate)

FAULT_ROW("a certificate that nobody vouches for gets no request, also without streaming",
          .fault = "TLS with a wrong certificate", .phase = phases::whole,
          .expect = backup_at_once(errc::provider_error).saying("the certificate of"),
          .where = wrong_certificate)

} // SUITE("faults.connecting")
