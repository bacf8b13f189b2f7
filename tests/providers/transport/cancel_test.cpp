#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <magna/tests/providers/transport/fixture.hpp>
#include <magna/tests/providers/transport/full_backlog.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::chunk;
using magna::test::response;

namespace {

// What the design promises: an upstream transfer closes within 100 ms. The machine that runs the tests may be
// busy, so the tests allow more; what they can tell is "at once" from "when something times out".
constexpr auto at_once = 2s;

} // namespace

SUITE("curl transport") {

WITH_FIXTURE(test::transport_fixture) {

TEST("cancelling closes the connection and the listener hears no more") {
  auto run = [&](const running& x, test::connection& peer) {
    auto heard = x->pieces();
    transport->cancel(x.id);
    check(peer.closed_within(at_once));
    check(!x->ended());
    check_eq(x->pieces(), heard);
    // A request after it, on a new connection, tells that the transport thread is past the cancelled one.
    auto next = get();
    auto successor = server.accept();
    successor.read_request();
    successor.write(response("next"));
    require(next->ends());
    check_eq(next->body(), "next"s);
    check(!x->ended());
    check_eq(x.listener.use_count(), 1);
  };
  SECTION("while it waits for the response") {
    auto x = get();
    auto peer = server.accept();
    peer.read_request();
    run(x, peer);
    check(x->silent());
  }
  SECTION("while it streams") {
    auto x = get();
    auto peer = server.accept();
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("token"));
    require(x->gets_bytes(5));
    run(x, peer);
  }
  SECTION("while it is paused") {
    auto x = get([](std::string_view) { return false; });
    auto peer = server.accept();
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("token"));
    require(x->pauses());
    peer.write(chunk("more") + chunk("and more"));
    run(x, peer);
  }
  SECTION("while it sends its request") {
    auto x =
      start({.method = "POST", .url = server.url(), .headers = {}, .body = std::string(64u << 20, 'x')});
    auto peer = server.accept();
    run(x, peer);
    check(x->silent());
  }
}

TEST("cancelling a paused transfer that is over releases its listener") {
  auto x = get([](std::string_view) { return false; });
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("whole"));
  require(x->pauses());
  transport->cancel(x.id);
  auto next = get();
  if (server.has_waiting())
    peer = server.accept();
  peer.read_request();
  peer.write(response("next"));
  require(next->ends());
  check(!x->ended());
  check_eq(x.listener.use_count(), 1);
}

TEST("a transfer that is cancelled right away is never heard of") {
  for (int i = 0; i < 200; ++i) {
    auto x = get();
    transport->cancel(x.id);
    check(x->silent());
  }
  transport->cancel(123'456'789);
  test::raw_server other;
  auto next = get(other.url());
  auto peer = other.accept();
  peer.read_request();
  peer.write(response("next"));
  require(next->ends());
  check_eq(next->outcome(), "ok"s);
}

TEST("a listener may cancel its own transfer") {
  struct quitter : transfer_listener {
    curl_transport* transport = nullptr;
    std::atomic<transfer_id> id = 0;
    std::atomic<int> calls_after = 0;
    std::atomic<bool> cancelled = false;

    void on_head(http_head) override {}

    bool on_data(std::string_view) override {
      if (cancelled.exchange(true))
        ++calls_after;
      transport->cancel(id);
      return true;
    }

    void on_end(std::optional<transfer_error>) override { ++calls_after; }
  };
  auto listener = std::make_shared<quitter>();
  listener->transport = transport.get();
  listener->id =
    transport->start({.method = "GET", .url = server.url(), .headers = {}, .body = {}}, {}, listener);
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("token"));
  check(peer.closed_within(at_once));
  check_eq(listener->calls_after.load(), 0);
}

TEST("a transfer that connects can be cancelled") {
  test::full_backlog unreachable;
  auto x = get(unreachable.url());
  auto y = get();
  auto peer = server.accept();
  peer.read_request();
  transport->cancel(x.id);
  peer.write(response("y"));
  require(y->ends());
  auto z = get();
  peer.read_request();
  peer.write(response("z"));
  require(z->ends());
  check(x->silent());
  check_eq(x.listener.use_count(), 1);
}

TEST("transfers start, pause and stop from several threads at once") {
  // The server answers everything from one thread while four threads start requests and cancel every third.
  constexpr auto per_thread = 100;
  std::atomic<bool> stop = false;
  std::atomic<int> bad = 0;
  std::vector<std::thread> servers;
  std::vector<std::thread> clients;
  auto serve = [&](test::connection peer) {
    char part[4096];
    std::string buffer;
    for (;;) {
      const auto count = recv(peer.descriptor(), part, sizeof(part), 0);
      if (count <= 0)
        return;
      buffer.append(part, static_cast<size_t>(count));
      for (auto end = buffer.find("\r\n\r\n"); end != std::string::npos; end = buffer.find("\r\n\r\n")) {
        buffer.erase(0, end + 4);
        peer.write_until_stuck(response(std::string(40'000, 'x')), 5s);
      }
    }
  };
  auto acceptor = std::thread{[&] {
    while (!stop) {
      if (server.has_waiting())
        servers.emplace_back(serve, server.accept());
      else
        std::this_thread::yield();
    }
  }};
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&] {
      std::vector<running> started;
      for (int i = 0; i < per_thread; ++i) {
        started.push_back(get([](std::string_view so_far) { return so_far.size() >= 40'000; }));
        if (i % 3 == 0)
          transport->cancel(started.back().id);
      }
      for (int i = 0; i < per_thread; ++i) {
        auto& x = started[static_cast<size_t>(i)];
        if (i % 3 == 0)
          continue;
        while (x->pauses_or_ends())
          resume(x);
        if (x->outcome() != "ok" || x->body().size() != 40'000 || !x->in_order())
          ++bad;
      }
    });
  }
  for (auto& client : clients)
    client.join();
  transport.reset();
  stop = true;
  acceptor.join();
  for (auto& x : servers)
    x.join();
  check_eq(bad.load(), 0);
}

TEST("the end of the transport ends all its transfers") {
  auto waiting = get();
  auto first = server.accept();
  first.read_request();
  auto streaming = get();
  auto second = server.accept();
  second.read_request();
  second.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("token"));
  require(streaming->gets_bytes(5));
  auto paused = get([](std::string_view) { return false; });
  auto third = server.accept();
  third.read_request();
  third.write(response("whole"));
  require(paused->pauses());
  auto cancelled = get();
  transport->cancel(cancelled.id);
  auto fresh = get();
  transport.reset();
  for (const auto& x : {waiting, streaming, paused, fresh}) {
    check_eq(x->outcome(), "cancelled: the transport was shut down"s);
    check(x->in_order());
    check_le(x.listener.use_count(), 2);
  }
  check(cancelled->silent());
  check(first.closed_within(at_once));
  check(second.closed_within(at_once));
}

TEST("a listener that starts another transfer at the end of the transport hears of its end") {
  struct stubborn : transfer_listener {
    curl_transport* transport = nullptr;
    std::string url;
    std::shared_ptr<test::recorder> next = std::make_shared<test::recorder>();

    void on_head(http_head) override {}

    bool on_data(std::string_view) override { return true; }

    void on_end(std::optional<transfer_error>) override {
      transport->start({.method = "GET", .url = url, .headers = {}, .body = {}}, {}, next);
    }
  };
  auto listener = std::make_shared<stubborn>();
  listener->transport = transport.get();
  listener->url = server.url();
  transport->start({.method = "GET", .url = server.url(), .headers = {}, .body = {}}, {}, listener);
  auto peer = server.accept();
  transport.reset();
  check_eq(listener->next->outcome(), "cancelled: the transport was shut down"s);
}

} // WITH_FIXTURE(test::transport_fixture)

} // SUITE("curl transport")
