#include <array>
#include <cstdlib>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

struct tls_fixture : node_fixture {
  words tls(const std::string& dir, const std::string& name) const {
    const auto at = (directory / dir).string() + "/";
    return {"--tls-cert", at + name + ".pem", "--tls-key", at + name + ".key", "--tls-ca", at + "ca.pem"};
  }

  /// Makes an authority of its own and certificates for "node" and "client".
  void make_certificates(const std::string& dir, const std::string& environment_of_it = "") const {
    const auto command = environment_of_it + " " MAGNA_MAKE_CERTS " '" + (directory / dir).string() + "'";
    runnable::current().require_eq(std::system(command.c_str()), 0);
  }

  outcome ask_node(words how) {
    how.insert(how.begin(), {"ask", "--node", addresses.at(0)});
    how.emplace_back("Hello");
    return run(how);
  }

  /// A connection that has sent some bytes.
  int connect_raw(std::string_view bytes) const {
    const auto where = *parse_node_address(addresses.at(0));
    const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(where.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    runnable::current().require_eq(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    if (!bytes.empty())
      ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return fd;
  }
};

} // namespace

WITH_FIXTURE(tls_fixture) {

SUITE("node.tls") {

TEST("with certificates of one authority on both sides the client is served") {
  make_certificates("pki");
  steps("gemini=ok(text=\"Encrypted.\")");
  start(tls("pki", "node"));
  const auto result = ask_node(tls("pki", "client"));
  check_eq(result.out, "Encrypted.");
  check_eq(result.status, 0);
}

TEST("without a certificate, with one of another authority or with an expired one nobody is let in") {
  make_certificates("pki");
  make_certificates("strangers");
  make_certificates("expired", "MAGNA_CERT_DAYS=-1");
  start(tls("pki", "node"));
  check_eq(ask_node({}).status, 1);
  check_eq(ask_node(tls("strangers", "client")).status, 1);
  check_eq(ask_node(tls("expired", "client")).status, 1);
  // All that has disturbed nobody.
  check_eq(ask_node(tls("pki", "client")).status, 0);
  check_eq(generations().size(), 1u);
}

TEST("a node whose messages are of another version is refused with a word on why, and disturbs nobody") {
  start();
  config.set("caf.middleman.app-identifiers", std::vector<std::string>{"magna-0"});
  const auto where = *parse_node_address(addresses[0]);
  const auto found = connect(client(), where, {});
  require(!found);
  check_found(explain_network_error(found.error(), where, {}), "another version");
  environment = {};
  check_eq(ask_node({}).status, 0);
}

TEST("bytes that are no CAF protocol, and connections that say nothing, disturb nobody") {
  start();
  std::vector<int> open;
  for (const auto* bytes :
       {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "\xff\xff\xff\xff\xff\xff\xff\xff"})
    open.push_back(connect_raw(bytes));
  open.push_back(connect_raw(std::string(4096, '\0')));
  open.push_back(connect_raw(std::string(1 << 20, 'x')));
  simulator::raise_open_file_limit();
  for (int i = 0; i < 1'000; ++i)
    open.push_back(connect_raw(""));
  environment = {};
  check_eq(ask_node({}).status, 0);
  for (const auto fd : open)
    ::close(fd);
  check_eq(ask_node({}).status, 0);
  nodes[0]->send_signal(SIGTERM);
  check_eq(nodes[0]->wait().status, 0);
}

} // SUITE("node.tls")

} // WITH_FIXTURE(tls_fixture)
