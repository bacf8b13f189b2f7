#include <string>
#include <vector>

#include <magna/tests/providers/transport/fixture.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::chunk;

SUITE("curl transport") {

WITH_FIXTURE(test::transport_fixture) {

TEST("a thousand streams run at once") {
  constexpr auto count = size_t{1000};
  // Both ends of every connection are in this process.
  require_ge(test::raise_file_limit(), 2 * count + 100);
  std::vector<running> streams;
  std::vector<test::connection> peers;
  std::vector<std::string> paths;
  for (size_t i = 0; i < count; ++i)
    streams.push_back(get(server.url("/" + std::to_string(i))));
  for (size_t i = 0; i < count; ++i) {
    peers.push_back(server.accept());
    auto request = peers.back().read_request();
    paths.push_back(request.substr(5, request.find(' ', 5) - 5));
  }
  for (auto& peer : peers)
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int round = 0; round < 5; ++round) {
    for (size_t i = 0; i < count; ++i)
      peers[i].write(chunk(paths[i] + ";"));
  }
  for (auto& peer : peers)
    peer.write("0\r\n\r\n");
  auto right = size_t{0};
  for (size_t i = 0; i < count; ++i) {
    require(streams[i]->ends());
    auto one = std::to_string(i) + ";";
    right += streams[i]->outcome() == "ok" && streams[i]->body() == one + one + one + one + one ? 1 : 0;
  }
  check_eq(right, count);
}

} // WITH_FIXTURE(test::transport_fixture)

} // SUITE("curl transport")
