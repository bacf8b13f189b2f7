#include <magna/messages/node_address.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

SUITE("node address") {

TEST("host and port are read, and written back") {
  for (const auto* text :
       {"127.0.0.1:4711", "localhost:1", "gpu-1.example.org:65535", "[::1]:4711", "0.0.0.0:0"}) {
    const auto address = parse_node_address(text);
    require(address.has_value());
    check_eq(to_string(*address), text);
  }
  check_eq(parse_node_address("[::1]:4711")->host, "::1");
}

TEST("what is no host with a port is refused") {
  for (const auto* text :
       {"", ":", "host", "host:", ":4711", "host:x", "host:65536", "host:-1", "host:1 ", "::1:4711", "[::1]",
        "[host]:1", "[]:1", "ho st:1", "http://host:1", "host:1/path"})
    check(!parse_node_address(text).has_value());
}

TEST("loopback is what only this host reaches") {
  for (const auto* text : {"127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "localhost:1"})
    check(is_loopback(*parse_node_address(text)));
  for (const auto* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1", "127.0.0.1.example.org:1"})
    check(!is_loopback(*parse_node_address(text)));
}

} // SUITE("node address")
