#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <magna/tests/providers/transport/raw_server.hpp>

#include "certificates.hpp"
#include "node_fixture.hpp"

using namespace magna;
using namespace magna::test;
using namespace std::chrono_literals;

namespace {

using raw_connection = magna::test::connection;

/// Connections of who is no node. In each test a stream of a client runs beside them: it must see nothing.
struct strangers_fixture : node_fixture {
  void start_with_client(words flags = {}) {
    steps("gemini=ok(tokens=40, token=\"x\", token_delay=25)");
    start(std::move(flags));
    whom = service();
    running = ask_many(whom, 1);
    runnable::current().require(running->wait_until(has_begun));
  }

  void check_client() {
    auto& test = runnable::current();
    test.check(running->wait_until([](const board::entry& x) { return x.completions == 1; }));
    test.check_eq(running->entries()[0].text, std::string(40, 'x'));
    test.check(ask_many(whom, 1)->wait_until([](const board::entry& x) { return x.completions == 1; }));
  }

  /// A connection that has sent some bytes.
  raw_connection stranger(std::string_view bytes) const {
    const auto where = *parse_node_address(addresses.at(0));
    raw_connection made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(where.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto status = ::connect(made.descriptor(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
    runnable::current().require_eq(status, 0);
    // It may be refused in the middle.
    made.write_until_stuck(bytes, 1s);
    return made;
  }

  static void check_closed(std::vector<raw_connection>& all, std::chrono::seconds within) {
    for (auto& x : all)
      runnable::current().check(x.closed_within(within));
  }

  /// What the node has written to its log by its end, which it comes to here.
  std::string log() {
    nodes[0]->send_signal(SIGTERM);
    const auto result = nodes[0]->wait();
    runnable::current().check_eq(result.status, 0);
    return result.err;
  }

  static std::size_t count(const std::string& text, std::string_view what) {
    std::size_t result = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
      ++result;
    return result;
  }

  service_actor whom;
  std::shared_ptr<board> running;
};

/// A message's header that announces 100 MB.
std::string announcement(char kind) {
  std::string header(32, '\0');
  header[0] = kind;
  header[4] = 0x06;
  header[5] = 0x40;
  return header;
}

} // namespace

WITH_FIXTURE(strangers_fixture) {

SUITE("strangers") {

TEST("bytes that are no CAF protocol are refused at once, and logged once") {
  start_with_client();
  std::vector<raw_connection> open;
  for (const auto* bytes : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\xff\xff\xff\xff\xff\xff\xff\xff", "?"})
    open.push_back(stranger(bytes));
  open.push_back(stranger(std::string(4096, '\0')));
  open.push_back(stranger(std::string(1 << 20, 'x')));
  open.push_back(stranger("\x16\x03\x01\x02"));
  check_closed(open, 5s);
  check_client();
  const auto written = log();
  check_eq(count(written, "refused a connection from 127.0.0.1: it speaks another protocol"), 1u);
  check_eq(
    count(written, "refused a connection from 127.0.0.1: it speaks TLS, and this node listens without"), 1u);
}

TEST("a message of 100 MB is refused by its header, before there is room made for it") {
  start_with_client();
  auto large = stranger(announcement('\1') + std::string(1 << 16, 'x'));
  check(large.closed_within(5s));
  check_client();
  check_eq(count(log(), "refused a connection from 127.0.0.1: an introduction of 104857600 bytes"), 1u);
}

TEST("a thousand connections that say nothing are cut off, and logged as one") {
  start_with_client();
  simulator::raise_open_file_limit();
  std::vector<raw_connection> open;
  for (int i = 0; i < 1'000; ++i)
    open.push_back(stranger(i % 2 == 0 ? "" : "\1"));
  // While they are there.
  check_eq(run({"ask", "--node", addresses[0], "Hello"}).status, 0);
  check_closed(open, 15s);
  check_client();
  check_eq(count(log(), "refused a connection from 127.0.0.1: it has not introduced itself"), 1u);
}

TEST("who only looks whether somebody listens is not worth a word") {
  start_with_client();
  for (int i = 0; i < 20; ++i)
    stranger("").close();
  check_client();
  check_eq(count(log(), "refused"), 0u);
}

TEST("with TLS the same holds") {
  const certificates pki{directory / "pki"};
  tls = pki.files("client");
  start_with_client(pki.of("node"));
  for (int i = 0; i < 20; ++i)
    stranger("").close();
  std::vector<raw_connection> open;
  for (int i = 0; i < 20; ++i)
    open.push_back(stranger("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  check_closed(open, 5s);
  check_client();
  const auto written = log();
  check_eq(count(written, "refused a connection from 127.0.0.1: it broke off its introduction"), 1u);
  check_eq(count(written, "error"), 0u);
}

} // SUITE("strangers")

} // WITH_FIXTURE(strangers_fixture)
