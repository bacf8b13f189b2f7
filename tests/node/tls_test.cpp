#include "certificates.hpp"
#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

struct tls_fixture : node_fixture {
  outcome ask_node(words how) {
    how.insert(how.begin(), {"ask", "--node", addresses.at(0)});
    how.emplace_back("Hello");
    return run(how);
  }
};

} // namespace

WITH_FIXTURE(tls_fixture) {

SUITE("node.tls") {

TEST("with certificates of one authority on both sides the client is served") {
  const certificates pki{directory / "pki"};
  steps("gemini=ok(text=\"Encrypted.\")");
  start(pki.of("node"));
  const auto result = ask_node(pki.of("client"));
  check_eq(result.out, "Encrypted.");
  check_eq(result.status, 0);
}

TEST("without a certificate, with one of another authority or with an expired one nobody is let in") {
  const certificates pki{directory / "pki"};
  const certificates strangers{directory / "strangers"};
  const certificates expired{directory / "expired", "MAGNA_CERT_DAYS=-1"};
  start(pki.of("node"));
  check_eq(ask_node({}).status, 1);
  check_eq(ask_node(strangers.of("client")).status, 1);
  check_eq(ask_node(expired.of("client")).status, 1);
  check(nodes[0]->wait_for_error("refused a connection from 127.0.0.1: it broke off its introduction"));
  // All that has disturbed nobody.
  check_eq(ask_node(pki.of("client")).status, 0);
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

} // SUITE("node.tls")

} // WITH_FIXTURE(tls_fixture)
