#include <string>

#include <magna/tests/providers/transport/fixture.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::chunk;
using magna::test::response;

SUITE("curl transport") {

WITH_FIXTURE(test::transport_fixture) {

TEST("a response arrives with its status, its headers in lower case and its body") {
  auto x = get(server.url("/v1/models?limit=2"));
  auto peer = server.accept();
  auto request = peer.read_request();
  check(request.starts_with("GET /v1/models?limit=2 HTTP/1.1\r\n"));
  magna::test::check_found(request, "\r\nUser-Agent: magna/[0-9.]+\r\n");
  check(request.find("Accept-Encoding") == std::string::npos);
  peer.write("HTTP/1.1 418 I'm a teapot\r\nX-Request-ID:  Abc \r\nContent-Length: 5\r\n\r\nhello");
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->head().status, 418);
  check_eq(x->head().header("x-request-id"), "Abc"sv);
  check_eq(x->body(), "hello"s);
  check(x->in_order());
}

TEST("a request goes out as it was given") {
  auto body = std::string(100'000, 'b') + "\0end"s;
  auto x =
    start({.method = "POST",
           .url = server.url("/chat"),
           .headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer k"}},
           .body = body});
  auto peer = server.accept();
  auto request = peer.read_request();
  check(request.starts_with("POST /chat HTTP/1.1\r\n"));
  magna::test::check_found(request, "\r\nContent-Type: application/json\r\n");
  magna::test::check_found(request, "\r\nX-Empty:\r\n");
  magna::test::check_found(request, "\r\nAuthorization: Bearer k\r\n");
  check(request.find("Expect") == std::string::npos);
  check(request.ends_with("\r\n\r\n" + body));
  peer.write(response("{}"));
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
}

TEST("a POST without a body and a type has neither") {
  auto x = start({.method = "POST", .url = server.url(), .headers = {}, .body = {}});
  auto peer = server.accept();
  auto request = peer.read_request();
  check(request.starts_with("POST / HTTP/1.1\r\n"));
  magna::test::check_found(request, "\r\nContent-Length: 0\r\n");
  check(request.find("Content-Type") == std::string::npos);
  peer.write(response(""));
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
}

TEST("one handle serves all methods one after the other") {
  for (const auto* method : {"POST", "GET", "DELETE", "PUT", "GET"}) {
    auto with_body = method == "POST"s || method == "PUT"s;
    auto x = start({.method = method, .url = server.url(), .headers = {}, .body = with_body ? "data" : ""});
    auto peer = server.accept();
    auto request = peer.read_request();
    check(request.starts_with(method + " / HTTP/1.1\r\n"s));
    check_eq(request.ends_with("\r\n\r\ndata"), with_body);
    peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    require(x->ends());
    check_eq(x->body(), "ok"s);
  }
  auto x = start({.method = "HEAD", .url = server.url(), .headers = {}, .body = {}});
  auto peer = server.accept();
  check(peer.read_request().starts_with("HEAD / HTTP/1.1\r\n"));
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->head().header("content-length"), "1000"sv);
}

TEST("requests one after the other share a connection") {
  auto first = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("0"));
  require(first->ends());
  for (int i = 1; i < 50; ++i) {
    auto x = get();
    peer.read_request();
    peer.write(response(std::to_string(i)));
    require(x->ends());
    check_eq(x->body(), std::to_string(i));
  }
  check(!server.has_waiting());
}

TEST("a kept connection that the server has closed is replaced unnoticed") {
  auto first = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("first"));
  require(first->ends());
  peer.close();
  auto second = get();
  auto successor = server.accept();
  successor.read_request();
  successor.write(response("second"));
  require(second->ends());
  check_eq(second->body(), "second"s);
}

TEST("a stream is delivered as it comes") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  require(x->gets_head());
  check_eq(x->body(), ""s);
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    auto part = "data: " + std::to_string(i) + "\n\n";
    peer.write(chunk(part));
    expected += part;
    require(x->gets_bytes(expected.size()));
    check_eq(x->body(), expected);
  }
  check(!x->ended());
  peer.write("0\r\n\r\n");
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->pieces(), 20u);
}

TEST("chunks that arrive together are delivered together") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  auto bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"s;
  for (int i = 0; i < 100; ++i)
    bytes += chunk("data: token\n\n");
  peer.write(bytes + "0\r\n\r\n");
  require(x->ends());
  check_eq(x->body().size(), 1300u);
  check_eq(x->pieces(), 1u);
}

TEST("a response split anywhere is the same response") {
  auto bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"s + chunk("hello ")
               + chunk("world") + "0\r\nX-Trailer: t\r\n\r\n";
  auto first = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("warm"));
  require(first->ends());
  for (size_t split = 1; split < bytes.size(); ++split) {
    auto x = get();
    peer.read_request();
    peer.write(std::string_view{bytes}.substr(0, split));
    peer.write(std::string_view{bytes}.substr(split));
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
    check_eq(x->body(), "hello world"s);
    check_eq(x->head().header("x-a"), "b"sv);
    check_eq(x->head().header("x-trailer"), ""sv);
  }
}

TEST("a body without a length ends with the connection") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
  peer.close();
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->body(), "all of it"s);
}

TEST("heads of interim responses are not told") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->head().status, 200);
  check_eq(x->head().lines, "content-length: 2\n"s);
  check(x->in_order());
}

TEST("a response without a body has a head") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n");
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->head().status, 204);
  check_eq(x->pieces(), 0u);
}

TEST("a redirect is a response like any other") {
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + server.url("/elsewhere")
             + "\r\nContent-Length: 0\r\n\r\n");
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
  check_eq(x->head().status, 307);
  check(!server.has_waiting());
}

TEST("a listener may start the next request when it hears of the end") {
  struct chain : transfer_listener {
    curl_transport* transport;
    std::string url;
    std::shared_ptr<test::recorder> next = std::make_shared<test::recorder>();

    void on_head(http_head) override {}

    bool on_data(std::string_view) override { return true; }

    void on_end(std::optional<transfer_error>) override {
      transport->start({.method = "GET", .url = url, .headers = {}, .body = {}}, {}, next);
    }
  };
  auto listener = std::make_shared<chain>();
  listener->transport = transport.get();
  listener->url = server.url("/second");
  transport->start({.method = "GET", .url = server.url("/first"), .headers = {}, .body = {}}, {}, listener);
  auto peer = server.accept();
  check(peer.read_request().starts_with("GET /first "));
  peer.write(response("1"));
  check(peer.read_request().starts_with("GET /second "));
  peer.write(response("2"));
  require(listener->next->ends());
  check_eq(listener->next->body(), "2"s);
}

} // WITH_FIXTURE(test::transport_fixture)

} // SUITE("curl transport")
