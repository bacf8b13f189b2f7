#include <algorithm>
#include <filesystem>

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

TEST("who is turned away and who breaks off cut off nobody else") {
  const certificates pki{directory / "pki"};
  const certificates strangers{directory / "strangers"};
  tls = pki.files("client");
  steps("gemini=ok(tokens=80, token=\"x\", token_delay=50)");
  start(pki.of("node"));
  const auto whom = service();
  const auto running = ask_many(whom, 1);
  require(running->wait_until(has_begun));
  check_eq(ask_node(strangers.of("client")).status, 1);
  // Long enough for the node to hear from its client again, whose heartbeats come every 0.8 s.
  const auto seen = running->entries()[0].text.size();
  require(running->wait_until([seen](const board::entry& x) { return x.text.size() >= seen + 20; }, 10s));
  auto arguments = pki.of("client");
  arguments.insert(arguments.begin(), {"ask", "--node", addresses[0]});
  arguments.emplace_back("Hello");
  process leaving{MAGNA_EXECUTABLE, options(arguments)};
  require(leaving.wait_for_output("x"));
  leaving.send_signal(SIGKILL);
  require(running->wait_until(has_ended));
  check_eq(running->entries()[0].completions, 1);
  check_eq(running->entries()[0].text, std::string(80, 'x'));
}

TEST("when one of two nodes is killed the streams of the other one go on") {
  const certificates pki{directory / "pki"};
  tls = pki.files("client");
  start(pki.of("node"));
  start(pki.of("node"));
  connection();
  require(ask_until_all_serve());
  steps("all=ok(tokens=60, token=\"x\", token_delay=50)");
  const auto running = ask_many(way, 20);
  require(running->wait_until(has_begun));
  nodes[0]->send_signal(SIGKILL);
  require(running->wait_until(has_ended));
  const auto entries = running->entries();
  check_eq(std::ranges::count(entries, 1, &board::entry::completions), 10);
}

TEST("a certificate that is missing for a moment keeps out who comes in that moment, and ends nothing else") {
  const certificates pki{directory / "pki"};
  const auto file = pki.files("node").certificate;
  start(pki.of("node"));
  std::filesystem::rename(file, file + ".away");
  check_eq(ask_node(pki.of("client")).status, 1);
  check(nodes[0]->wait_for_error("node.pem can't be loaded"));
  std::filesystem::rename(file + ".away", file);
  check_eq(ask_node(pki.of("client")).status, 0);
}

TEST("a node whose messages are of another version is refused with a word on why, and disturbs nobody") {
  start();
  caf::actor_system_config older;
  enable_network(older, {});
  older.set("caf.middleman.app-identifiers", std::vector<std::string>{"magna-0"});
  caf::actor_system outsider{older};
  const auto where = *parse_node_address(addresses[0]);
  const auto found = connect(outsider, where);
  require(!found);
  check_found(explain_network_error(found.error(), where, {}), "another version");
  environment = {};
  check_eq(ask_node({}).status, 0);
}

} // SUITE("node.tls")

} // WITH_FIXTURE(tls_fixture)
