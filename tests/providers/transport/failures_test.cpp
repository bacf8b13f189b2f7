#include <string>

#include <magna/tests/providers/transport/fixture.hpp>
#include <magna/tests/providers/transport/full_backlog.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::chunk;
using magna::test::response;

SUITE("curl transport") {

WITH_FIXTURE(test::transport_fixture) {

TEST("a port where nobody listens is provider_unavailable") {
  std::string url;
  std::string authority;
  {
    test::raw_server gone;
    url = gone.url();
    authority = gone.authority();
  }
  auto x = get(url);
  require(x->ends());
  check_eq(x->outcome(), "provider_unavailable: could not connect to " + authority + ": connection refused");
  check(x->in_order());
}

TEST("a host that does not exist is provider_unavailable") {
  auto x = get("http://user:secret@host.invalid:8080/path?key=secret");
  require(x->ends());
  check_eq(x->outcome(), "provider_unavailable: the name of host.invalid:8080 could not be resolved"s);
}

TEST("a connection that is not there in time is a timeout that names the limit") {
  test::full_backlog unreachable;
  auto x = get(unreachable.url(), nullptr, {.connect_timeout = 150ms});
  require(x->ends());
  check_eq(x->outcome(),
           "timeout: could not connect to " + unreachable.authority() + " within 0.15 s (connect timeout)");
}

TEST("the connect timeout ends with the connection") {
  auto x = get(nullptr, {.connect_timeout = 100ms});
  auto peer = server.accept();
  peer.read_request();
  check(!x->ends_within(250ms));
  peer.write(response("late"));
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
}

TEST("what can't be sent is invalid_request") {
  auto outcome = [this](std::string url) {
    auto x = get(std::move(url));
    require(x->ends());
    return x->outcome();
  };
  check_eq(outcome("ftp://127.0.0.1/file"), "invalid_request: the URL is neither http nor https"s);
  check_eq(outcome("file:///etc/passwd"), "invalid_request: the URL is neither http nor https"s);
  check_eq(outcome("http://a b/"), "invalid_request: the URL is malformed"s);
  check_eq(outcome(""), "invalid_request: the URL is malformed"s);
  auto x =
    start({.method = "GET", .url = server.url(), .headers = {{"Authorization", "k\r\nX: y"}}, .body = {}});
  require(x->ends());
  check(x->outcome().starts_with(
    "invalid_request: the value of the header Authorization has a control character"));
  check(!server.has_waiting());
}

TEST("a connection that breaks before the head is provider_unavailable") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  SECTION("at once") {
    peer.close();
    require(x->ends());
    check_eq(x->outcome(),
             "provider_unavailable: " + server.authority() + " closed the connection without a response");
  }
  SECTION("by a reset") {
    peer.reset();
    require(x->ends());
    check(x->outcome().starts_with("provider_unavailable: the connection to " + server.authority()
                                   + " broke before the response"));
  }
  SECTION("in the middle of the status line") {
    peer.write("HTTP/1.1 20");
    peer.close();
    require(x->ends());
    check(x->outcome().starts_with("provider_unavailable: "));
  }
  SECTION("in the middle of the headers") {
    peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-");
    peer.close();
    require(x->ends());
    check(x->outcome().starts_with("provider_unavailable: "));
  }
  SECTION("after an interim response") {
    peer.write("HTTP/1.1 100 Continue\r\n\r\n");
    peer.close();
    require(x->ends());
    check(x->outcome().starts_with("provider_unavailable: "));
  }
  check(x->in_order());
  check_eq(x->head().status, 0);
}

TEST("a connection that breaks in the body of a 2xx response is stream_truncated") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  SECTION("short of the length") {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.close();
  }
  SECTION("without the last chunk") {
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("half"));
    peer.close();
  }
  SECTION("in the middle of a chunk") {
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf");
    peer.close();
  }
  SECTION("by a reset") {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    require(x->gets_bytes(4));
    peer.reset();
  }
  SECTION("by a malformed chunk") {
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("half") + "no number\r\n");
  }
  require(x->ends());
  check(x->outcome().starts_with("stream_truncated: the connection to " + server.authority()
                                 + " broke in the middle of the response, after 4 bytes of its body"));
  check_eq(x->body(), "half"s);
  check(x->in_order());
}

TEST("a connection that breaks in the body of an error is provider_unavailable") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 10\r\n\r\nhalf");
  peer.close();
  require(x->ends());
  check(x->outcome().starts_with("provider_unavailable: "));
  check_eq(x->head().status, 503);
  check_eq(x->body(), "half"s);
}

TEST("a response larger than allowed is provider_error") {
  auto x = get(nullptr, {.max_response_bytes = 100'000});
  auto peer = server.accept();
  peer.read_request();
  auto expected = "provider_error: the response of " + server.authority() + " has more than 100000 bytes";
  SECTION("by its length") {
    peer.write(response(std::string(100'001, 'x')));
    require(x->ends());
    check_eq(x->outcome(), expected);
    check(peer.closed_within(2s));
  }
  SECTION("by what comes") {
    peer.write_until_stuck("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             + chunk(std::string(100'001, 'x')) + "0\r\n\r\n",
                           2s);
    require(x->ends());
    check_eq(x->outcome(), expected);
    check_le(x->body().size(), 100'000u);
    check(peer.closed_within(2s));
  }
  SECTION("and one that is as large is not") {
    peer.write(response(std::string(100'000, 'x')));
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
    check_eq(x->body().size(), 100'000u);
  }
}

TEST("a response that outgrows its limit after a pause is provider_error") {
  auto x = get([](std::string_view so_far) { return so_far.size() > 10; }, {.max_response_bytes = 20});
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("12345"));
  require(x->pauses());
  peer.write(chunk(std::string(100, 'x')));
  resume(x);
  require(x->ends());
  check_eq(x->outcome(), "provider_error: the response of " + server.authority() + " has more than 20 bytes");
}

TEST("headers without end are provider_error") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  auto line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  auto bytes = "HTTP/1.1 200 OK\r\n"s;
  for (int i = 0; i < 300; ++i)
    bytes += line;
  peer.write_until_stuck(bytes, 2s);
  require(x->ends());
  check_eq(x->outcome(),
           "provider_error: the headers of " + server.authority() + " have more than 262144 bytes");
  check_eq(x->head().status, 0);
}

TEST("what is not HTTP is provider_error") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  SECTION("a greeting") {
    peer.write("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
    require(x->ends());
    check_eq(x->outcome(), "provider_error: " + server.authority() + " answered something that is not HTTP");
  }
  SECTION("a malformed length") {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n");
    require(x->ends());
    check(x->outcome().starts_with("provider_error: "));
  }
}

} // WITH_FIXTURE(test::transport_fixture)

} // SUITE("curl transport")
