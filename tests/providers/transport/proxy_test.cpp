#include <string>

#include <magna/providers/transport/urls.hpp>
#include <magna/tests/providers/transport/environment.hpp>
#include <magna/tests/providers/transport/fixture.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::response;
using magna::test::variable;

namespace {

/// The server is the proxy here; what its URL in the environment holds beside host and port is secret.
struct proxy_fixture : test::transport_fixture {
  [[nodiscard]] std::string proxy_url() const { return "http://user:secret@" + server.authority(); }
};

} // namespace

SUITE("proxies") {

TEST("what leads to this host is told from its URL") {
  for (const auto* url :
       {"http://localhost:11434/api/chat", "https://LOCALHOST", "http://localhost./",
        "http://ollama.localhost:1/", "http://localhost.localdomain/", "http://ip6-localhost/",
        "http://127.0.0.1:11434", "http://127.9.8.7/", "http://127.1/", "http://0x7f000001/",
        "http://2130706433/", "http://0.0.0.0:11434/", "http://[::1]:11434/", "http://[0:0:0:0:0:0:0:1]/",
        "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://user:key@localhost/", "http://%6cocalhost/"})
    if (!leads_to_this_host(url))
      test::runnable::current().fail("{} leads elsewhere", url);
  for (const auto* url : {"https://api.openai.com/v1", "http://localhost.example.org/",
                          "http://notlocalhost/", "http://128.0.0.1/", "http://10.127.0.1/",
                          "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/", "http://localhost@example.org/",
                          "http://example.org/localhost", "http://127.0.0.1.example.org/", "no url", ""})
    if (leads_to_this_host(url))
      test::runnable::current().fail("{} leads here", url);
}

TEST("the environment's proxy is told by host and port alone") {
  check_eq(proxy_in_environment("https://h/"), ""s);
  const variable all{"ALL_PROXY", "socks5://user:secret@socks.example:9050"};
  check_eq(proxy_in_environment("https://h/"), "socks.example:9050"s);
  const variable https{"HTTPS_PROXY", "proxy.example:3128"};
  check_eq(proxy_in_environment("https://h/"), "proxy.example:3128"s);
  const variable upper{"HTTP_PROXY", "http://for-cgi:1"};
  check_eq(proxy_in_environment("http://h/"), "socks.example:9050"s);
  const variable http{"http_proxy", "http://user:secret@proxy.example"};
  check_eq(proxy_in_environment("http://h/"), "proxy.example:1080"s);
}

WITH_FIXTURE(proxy_fixture) {

TEST("what is meant for this host goes through no proxy") {
  const test::raw_server proxy;
  const auto url = "http://user:secret@" + proxy.authority();
  const variable http{"http_proxy", url};
  const variable all{"ALL_PROXY", url};
  const auto port = std::to_string(server.port());
  for (const auto* host : {"127.0.0.1", "localhost", "127.1", "0.0.0.0"}) {
    auto x = get("http://"s + host + ':' + port + '/');
    auto peer = server.accept();
    check(peer.read_request().starts_with("GET / HTTP/1.1\r\n"));
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    peer.close();
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
  }
  check(!proxy.has_waiting());
}

TEST("all else goes through it, unless NO_PROXY lists it") {
  const variable http{"http_proxy", proxy_url()};
  SECTION("through it") {
    auto x = get("http://provider.invalid/v1");
    auto peer = server.accept();
    check(peer.read_request().starts_with("GET http://provider.invalid/v1 HTTP/1.1\r\n"));
    peer.write(response("ok"));
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
  }
  SECTION("unless NO_PROXY lists it") {
    const variable no{"NO_PROXY", "provider.invalid"};
    auto x = get("http://provider.invalid/v1");
    require(x->ends());
    check_eq(x->outcome(), "provider_unavailable: the name of provider.invalid:80 could not be resolved"s);
    check(!server.has_waiting());
  }
}

TEST("a proxy that wants a password says so, and its own is not told") {
  const variable http{"http_proxy", proxy_url()};
  auto x = get("http://provider.invalid/v1");
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("<html>log in</html>", "407 Proxy Authentication Required"));
  require(x->ends());
  check_eq(x->outcome(),
           "provider_unavailable: the proxy " + server.authority()
             + " refused a connection to provider.invalid:80: status 407, it wants a user and a "
               "password, as in https_proxy=http://USER:PASSWORD@HOST:PORT");
  check_eq(x->head().status, 0);
}

TEST("a proxy that makes no tunnel is named with what it said") {
  const variable https{"https_proxy", proxy_url()};
  auto x = get("https://provider.invalid/v1");
  auto peer = server.accept();
  check(peer.read_request().starts_with("CONNECT provider.invalid:443 HTTP/1.1\r\n"));
  const auto refused = "provider_unavailable: the proxy " + server.authority()
                       + " refused a connection to provider.invalid:443: status ";
  SECTION("bad gateway") {
    peer.write(response("<html>no way</html>", "502 Bad Gateway"));
    require(x->ends());
    check_eq(x->outcome(), refused + "502");
  }
  SECTION("not allowed") {
    peer.write(response("<html>blocked</html>", "403 Forbidden"));
    require(x->ends());
    check_eq(x->outcome(), refused + "403");
  }
  SECTION("no word at all") {
    peer.close();
    require(x->ends());
    check(x->outcome().starts_with("provider_unavailable: "));
    test::check_found(x->outcome(), "provider.invalid:443 through the proxy " + server.authority());
  }
}

TEST("a proxy that cannot be reached is named") {
  std::string authority;
  {
    const test::raw_server gone;
    authority = gone.authority();
  }
  const variable http{"http_proxy", "http://user:secret@" + authority};
  auto x = get("http://provider.invalid/v1");
  require(x->ends());
  check_eq(x->outcome(), "provider_unavailable: could not connect to provider.invalid:80 through the proxy "
                           + authority + ": connection refused");
}

TEST("a proxy whose name leads nowhere is named") {
  const variable all{"all_proxy", "http://user:secret@proxy.invalid:3128"};
  auto x = get("https://provider.invalid/v1");
  require(x->ends());
  check_eq(x->outcome(),
           "provider_unavailable: the name of the proxy proxy.invalid:3128 for provider.invalid:443 "
           "could not be resolved"s);
}

TEST("what is no proxy is told without its password") {
  for (const auto* wrong : {"foo://user:secret@127.0.0.1:1", "http://user:secret@127.0.0.1:port"}) {
    const variable all{"all_proxy", wrong};
    auto x = get("https://provider.invalid/v1");
    require(x->ends());
    check_eq(x->outcome(),
             "provider_unavailable: the environment names a proxy for provider.invalid:443 that is "
             "none: http, https and socks5 can be used"s);
  }
}

} // WITH_FIXTURE(proxy_fixture)

} // SUITE("proxies")
