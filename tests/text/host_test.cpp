#include <magna/text/host.hpp>

#include <magna/tests/support/test.hpp>

#include <string>

using namespace magna;

SUITE("hosts") {

TEST("a host has letters, digits and three marks, and is not longer than DNS allows") {
  check(is_host("gpu-1.example_2.org"));
  check(is_host("127.0.0.1"));
  for (const auto* text : {"", "a b", "a:1", "[::1]", "a/b"})
    check(!is_host(text));
  check(is_host(std::string(253, 'a')));
  check(!is_host(std::string(254, 'a')));
}

TEST("a port is a number of 16 bits") {
  check_eq(parse_port("0").value_or(1), 0u);
  check_eq(parse_port("65535").value_or(1), 65'535u);
  for (const auto* text : {"", "65536", "-1", "1x", " 1"})
    check(!parse_port(text));
}

TEST("a URL has a scheme, a host and perhaps a port") {
  const auto parts = parts_of_url("https://[::1]:8443/v1:x");
  check_eq(parts.scheme, "https");
  check_eq(parts.host, "[::1]");
  check_eq(parts.port.value_or(""), "8443");
  check(!parts_of_url("http://[::1]/a:1").port);
  check_eq(parts_of_url("http://h:").port.value_or("none"), "");
  check_eq(parts_of_url("h:1").scheme, "");
}

TEST("the host of a URL has neither brackets nor port") {
  check_eq(host_of("http://localhost:11434/v1"), "localhost");
  check_eq(host_of("https://api.example.org"), "api.example.org");
  check_eq(host_of("http://[::1]:80"), "::1");
  check_eq(host_of("http://[::1]/"), "::1");
  check_eq(host_of(""), "");
  check_eq(host_of("http://h?x=/y:1"), "h");
  check_eq(host_of("http://h:1#x"), "h");
}

} // SUITE("hosts")
