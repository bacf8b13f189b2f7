#include <cstdlib>
#include <string>

#include <magna/tests/providers/transport/fixture.hpp>
#include <magna/tests/providers/transport/tls_server.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::chunk;
using magna::test::response;
using magna::test::self_signed_certificate;
using magna::test::tls_session;
using magna::test::transport_fixture;

SUITE("curl transport over TLS") {

TEST("a certificate that nobody vouches for is refused, and no request is sent") {
  self_signed_certificate identity{"IP:127.0.0.1"};
  transport_fixture world;
  auto x = world.get("https://" + world.server.authority() + "/");
  tls_session peer{world.server.accept(), identity};
  check(!peer.handshake());
  require(x->ends());
  check(x->outcome().starts_with("provider_error: the certificate of " + world.server.authority()
                                 + " could not be verified: "));
  test::check_found(x->outcome(),
                    "self-signed certificate.*trusted are those of .*SSL_CERT_FILE names others");
  check(x->should_retry() == false);
}

TEST("a server that speaks HTTP/2 as well is spoken to in HTTP/1.1: a pause must reach it") {
  self_signed_certificate identity{"IP:127.0.0.1"};
  transport_fixture world{{.ca_file = identity.file()}};
  auto x = world.get("https://" + world.server.authority() + "/");
  tls_session peer{world.server.accept(), identity};
  require(peer.handshake());
  check_eq(peer.protocol(), "http/1.1"s);
  check(peer.read_request().starts_with("GET / HTTP/1.1\r\n"));
  peer.write(response("ok"));
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
}

TEST("a certificate is accepted when the CA file vouches for it") {
  self_signed_certificate identity{"IP:127.0.0.1"};
  transport_fixture world{{.ca_file = identity.file()}};
  auto x = world.get("https://" + world.server.authority() + "/");
  tls_session peer{world.server.accept(), identity};
  require(peer.handshake());
  check(peer.read_request().starts_with("GET / HTTP/1.1\r\n"));
  SECTION("and the response arrives") {
    peer.write(response("secret"));
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
    check_eq(x->body(), "secret"s);
    auto second = world.get("https://" + world.server.authority() + "/2");
    check(peer.read_request().starts_with("GET /2 HTTP/1.1\r\n"));
    peer.write(response("reused"));
    require(second->ends());
    check_eq(second->body(), "reused"s);
  }
  SECTION("and a stream that is cut is not taken for whole") {
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("half"));
    require(x->gets_bytes(4));
    peer.cut();
    require(x->ends());
    check(x->outcome().starts_with("stream_truncated: "));
  }
}

TEST("the environment may name the CA file") {
  self_signed_certificate identity{"IP:127.0.0.1"};
  for (const auto* variable : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    setenv(variable, identity.file().c_str(), 1);
    transport_fixture world;
    unsetenv(variable);
    auto x = world.get("https://" + world.server.authority() + "/");
    tls_session peer{world.server.accept(), identity};
    require(peer.handshake());
    peer.read_request();
    peer.write(response("ok"));
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
  }
}

TEST("a certificate for another host is refused") {
  self_signed_certificate identity{"DNS:example.org"};
  transport_fixture world{{.ca_file = identity.file()}};
  auto x = world.get("https://" + world.server.authority() + "/");
  tls_session peer{world.server.accept(), identity};
  check(!peer.handshake());
  require(x->ends());
  check(x->outcome().starts_with("provider_error: the certificate of " + world.server.authority()));
}

TEST("a handshake that breaks off may go well the next time") {
  transport_fixture world;
  auto x = world.get("https://" + world.server.authority() + "/");
  world.server.accept().reset();
  require(x->ends());
  check(x->outcome().starts_with("provider_unavailable: "));
  check(x->should_retry() == std::nullopt);
}

TEST("a CA file that is not there fails the request") {
  transport_fixture world{{.ca_file = "/nowhere/ca.pem"}};
  auto x = world.get("https://" + world.server.authority() + "/");
  require(x->ends());
  check(x->outcome().starts_with("provider_error: the certificate of " + world.server.authority()));
  magna::test::check_found(x->outcome(),
                           "trusted are those of /nowhere/ca.pem \\(the transport's ca_file\\)");
  check(x->should_retry() == false);
}

TEST("a server that does not speak TLS is provider_unavailable") {
  transport_fixture world;
  auto x = world.get("https://" + world.server.authority() + "/");
  auto peer = world.server.accept();
  peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  require(x->ends());
  check(x->outcome().starts_with("provider_unavailable: no TLS connection to " + world.server.authority()));
  check(x->should_retry() == false);
}

} // SUITE("curl transport over TLS")
