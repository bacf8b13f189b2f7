// The pure parts of the curl transport.

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include <magna/providers/transport/certificates.hpp>
#include <magna/providers/transport/nobody_answered.hpp>
#include <magna/providers/transport/own_limits.hpp>
#include <magna/providers/transport/request_lines.hpp>
#include <magna/providers/transport/response_head.hpp>
#include <magna/providers/transport/transfer_failure.hpp>
#include <magna/tests/support/test.hpp>

using namespace std::literals;
using namespace magna;

namespace {

std::vector<std::string> lines_of(const http_headers& headers) {
  const auto lines = lay_out(headers);
  std::vector<std::string> result;
  for (const auto start : lines.starts)
    result.emplace_back(lines.text.c_str() + start);
  return result;
}

} // namespace

SUITE("transfer failure") {

TEST("each libcurl result has its place in the error table") {
  struct row {
    int result;
    errc before;
    errc after;
  };
  // wire protocols, section 8; `after` is with the head of a 2xx response there
  const row rows[] = {
    {1, errc::invalid_request, errc::provider_error},
    {2, errc::overloaded, errc::overloaded},
    {3, errc::invalid_request, errc::invalid_request},
    {5, errc::provider_unavailable, errc::provider_unavailable},
    {6, errc::provider_unavailable, errc::provider_unavailable},
    {7, errc::provider_unavailable, errc::provider_unavailable},
    {8, errc::provider_error, errc::provider_error},
    {16, errc::provider_unavailable, errc::stream_truncated},
    {18, errc::provider_unavailable, errc::stream_truncated},
    {27, errc::overloaded, errc::overloaded},
    {28, errc::timeout, errc::timeout},
    {35, errc::provider_unavailable, errc::provider_unavailable},
    {52, errc::provider_unavailable, errc::provider_unavailable},
    {55, errc::provider_unavailable, errc::stream_truncated},
    {56, errc::provider_unavailable, errc::stream_truncated},
    {58, errc::provider_error, errc::provider_error},
    {60, errc::provider_error, errc::provider_error},
    {63, errc::provider_error, errc::provider_error},
    {77, errc::provider_error, errc::provider_error},
    {92, errc::provider_unavailable, errc::stream_truncated},
    {95, errc::provider_unavailable, errc::stream_truncated},
    {97, errc::provider_unavailable, errc::provider_unavailable},
    // and what nobody thought of
    {43, errc::provider_error, errc::provider_error},
  };
  for (const auto& [result, before, after] : rows) {
    const auto code = static_cast<CURLcode>(result);
    check_eq(describe({.result = code, .authority = "h:1"}).code, before);
    check_eq(describe({.result = code, .authority = "h:1", .connected = true, .status = 200}).code, after);
    const auto in_error_body =
      describe({.result = code, .authority = "h:1", .connected = true, .status = 500}).code;
    check_eq(in_error_body, after == errc::stream_truncated ? errc::provider_unavailable : after);
  }
}

TEST("messages name the host, the reason and the limit") {
  auto text = [](const transfer_failure& x) { return describe(x).message; };
  check_eq(text({.result = CURLE_OPERATION_TIMEDOUT, .authority = "localhost:11434", .connect_timeout = 10s}),
           "could not connect to localhost:11434 within 10 s (connect timeout)"s);
  check_eq(text({.result = CURLE_COULDNT_CONNECT,
                 .os_error = ECONNREFUSED,
                 .detail = "Failed to connect to localhost port 11434",
                 .authority = "localhost:11434"}),
           "could not connect to localhost:11434: connection refused"s);
  check_eq(text({.result = CURLE_COULDNT_CONNECT,
                 .os_error = ECONNREFUSED,
                 .detail = "Failed to connect to 10.0.0.1 port 3128",
                 .authority = "api.openai.com:443",
                 .proxy = "10.0.0.1:3128"}),
           "could not connect to api.openai.com:443 through the proxy 10.0.0.1:3128: connection refused"s);
  check_eq(
    text({.result = CURLE_PEER_FAILED_VERIFICATION,
          .detail = "self-signed certificate",
          .authority = "api.openai.com:443",
          .trusted = "/ca.pem (SSL_CERT_FILE)"}),
    "the certificate of api.openai.com:443 could not be verified: self-signed certificate; trusted are those "
    "of /ca.pem (SSL_CERT_FILE)"s);
}

TEST("a limit of this process or its host is overloaded, with the remedy, whatever libcurl made of it") {
  for (const auto result : {CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_SSL_CACERT_BADFILE}) {
    const auto x = describe({.result = result, .limit = own_limit::ports, .authority = "h:1"});
    check_eq(x.code, errc::overloaded);
    check_eq(x.message, "no connection to h:1: no port of this host is left for a connection; widen "
                        "net.ipv4.ip_local_port_range"s);
  }
}

TEST("an answer that has begun is cut, whatever the cause") {
  check_eq(describe({.result = CURLE_RECV_ERROR,
                     .limit = own_limit::buffers,
                     .authority = "h:1",
                     .connected = true,
                     .status = 200})
             .code,
           errc::stream_truncated);
}

TEST("a retry is pointless where the same would happen again") {
  const auto retry = [](int result, std::string_view detail) {
    return describe({.result = static_cast<CURLcode>(result), .detail = detail, .authority = "h:1"})
      .should_retry;
  };
  for (const auto result : {58, 59, 60, 77, 83, 91})
    check(retry(result, "wrong") == false);
  check(retry(35, "error:0A00010B:SSL routines::wrong version number") == false);
  check(retry(35, "error:0A00042E:SSL routines::tlsv1 alert protocol version") == false);
  check(retry(35, "error:0A000438:SSL routines::tlsv1 alert internal error") == std::nullopt);
  check(retry(35, "error:0A000126:SSL routines::unexpected eof while reading") == std::nullopt);
  check(retry(35, "OpenSSL SSL_connect: Connection reset by peer in connection to h:1") == std::nullopt);
  check(retry(7, "") == std::nullopt);
  check(retry(28, "") == std::nullopt);
}

TEST("only a connect that came to nothing found nobody") {
  const auto nobody = [](transfer_failure x) {
    x.authority = "h:1";
    return nobody_answered(describe(x).message);
  };
  check(nobody({.result = CURLE_COULDNT_CONNECT, .os_error = ECONNREFUSED}));
  check(nobody({.result = CURLE_OPERATION_TIMEDOUT, .connect_timeout = 10s}));
  check(!nobody({.result = CURLE_OPERATION_TIMEDOUT, .connected = true}));
  check(!nobody({.result = CURLE_COULDNT_RESOLVE_HOST}));
  check(!nobody({.result = CURLE_GOT_NOTHING, .connected = true}));
  check(!nobody({.result = CURLE_SSL_CONNECT_ERROR, .detail = "error:0A00010B"}));
  check(!nobody({.result = CURLE_COULDNT_CONNECT, .limit = own_limit::descriptors}));
  check(!nobody_answered("Service busy, could not connect to the model"));
}

} // SUITE("transfer failure")

SUITE("request lines") {

TEST("headers become lines, and libcurl's own are suppressed") {
  check_eq(lines_of({{"A", "b"}, {"Empty", ""}}),
           (std::vector<std::string>{"A: b", "Empty;", "Expect:", "Content-Type:"}));
  check_eq(lines_of({{"content-TYPE", "x/y"}, {"expect", "100-continue"}}),
           (std::vector<std::string>{"content-TYPE: x/y", "expect: 100-continue"}));
}

TEST("what would smuggle in a header is refused without its value") {
  auto outcome = [](std::string method, std::string name, std::string value) {
    auto result = magna::check({.method = std::move(method),
                                .url = "http://h/",
                                .headers = {{std::move(name), std::move(value)}},
                                .body = {}});
    return result ? result->message : "fine";
  };
  check_eq(outcome("POST", "x-api-key", "sk-1\tok \xc3\xa9"), "fine"s);
  for (const auto& value : {"sk-1\n"s, "sk\r-1"s, "sk\0-1"s, "sk\x7f-1"s}) {
    const auto text = outcome("POST", "x-api-key", value);
    magna::test::check_found(text, "header x-api-key");
    check(text.find("sk") == std::string::npos);
  }
  for (const auto& name : {""s, "a b"s, "a:"s, "a\r\nb"s})
    check_eq(outcome("POST", name, "v"), "the name of a header is malformed"s);
  for (const auto& method : {""s, "GET /"s, "G\r\nT"s})
    check_eq(outcome(method, "n", "v"), "the method of the HTTP request is malformed"s);
}

} // SUITE("request lines")

SUITE("response head") {

using progress = response_head_parser::progress;

TEST("a head is whole at its empty line") {
  response_head_parser uut;
  check(uut.feed("HTTP/2 201 \r\n") == progress::more);
  check(uut.feed("Content-TYPE:text/plain \r\n") == progress::more);
  check(uut.feed("X-Colon: a:b\r\n") == progress::more);
  check(uut.feed("no colon\r\n") == progress::more);
  check(!uut.complete());
  check_eq(uut.status(), 0);
  check(uut.feed("\r\n") == progress::complete);
  check_eq(uut.status(), 201);
  const auto head = uut.take();
  check_eq(head.status, 201);
  check_eq(head.lines, "content-type: text/plain\nx-colon: a:b\n"s);
  check_eq(head.header("content-type"), "text/plain"sv);
  check_eq(head.header("x-colon"), "a:b"sv);
  check_eq(head.header("x-col"), ""sv);
}

TEST("interim heads and trailers are not part of it") {
  response_head_parser uut;
  uut.feed("HTTP/1.1 103 Early Hints\r\n");
  uut.feed("Link: x\r\n");
  check(uut.feed("\r\n") == progress::more);
  uut.feed("HTTP/1.1 200 OK\r\n");
  uut.feed("A: b\r\n");
  check(uut.feed("\r\n") == progress::complete);
  check(uut.feed("Trailer: t\r\n") == progress::more);
  check(uut.feed("\r\n") == progress::more);
  check_eq(uut.take().lines, "a: b\n"s);
}

TEST("a folded line belongs to the one before") {
  response_head_parser uut;
  uut.feed("HTTP/1.1 200 OK\r\n");
  uut.feed(" stray\r\n");
  uut.feed("A: b\r\n");
  uut.feed("\t c\r\n");
  uut.feed("\r\n");
  check_eq(uut.take().lines, "a: b c\n"s);
}

TEST("a head has its limits") {
  response_head_parser uut;
  uut.feed("HTTP/1.1 200 OK\r\n");
  const auto line = "A: " + std::string(60'000, 'x') + "\r\n";
  check(uut.feed(line) == progress::more);
  check(uut.feed(line) == progress::more);
  check(uut.feed(line) == progress::more);
  check(uut.feed(line) == progress::more);
  check(uut.feed(line) == progress::too_large);
  uut.reset();
  check(uut.feed("HTTP/1.1 200 OK\r\n") == progress::more);
  check(uut.feed("\r\n") == progress::complete);
}

} // SUITE("response head")

SUITE("certificates") {

TEST("the setting goes before the environment, and that before the system") {
  const certificate_source system{"/system/file", "/system/folder", {}};
  const auto found = [](const std::string& own, const certificate_source& of_system) {
    return describe(find_certificates(own, of_system));
  };
  for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"})
    unsetenv(name);
  check_eq(found("", system), "/system/file (the system's; SSL_CERT_FILE names others)"s);
  check_eq(found("", {"", "/system/folder", {}}),
           "/system/folder (the system's; SSL_CERT_FILE names others)"s);
  setenv("SSL_CERT_FILE", "", 1);
  check_eq(found("", system), "/system/file (the system's; SSL_CERT_FILE names others)"s);
  setenv("SSL_CERT_FILE", "/env/file", 1);
  check_eq(found("", system), "/env/file (SSL_CERT_FILE)"s);
  setenv("SSL_CERT_DIR", "/env/folder", 1);
  check_eq(found("", system), "/env/file and /env/folder (SSL_CERT_FILE, SSL_CERT_DIR)"s);
  setenv("CURL_CA_BUNDLE", "/env/bundle", 1);
  check_eq(found("", system), "/env/bundle (CURL_CA_BUNDLE)"s);
  check_eq(found("/own/file", system), "/own/file (the transport's ca_file)"s);
  for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"})
    unsetenv(name);
}

} // SUITE("certificates")
