#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <magna/tests/providers/transport/fixture.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::response;

SUITE("curl transport") {

WITH_FIXTURE(test::transport_fixture) {

TEST("a burst of more transfers than one multi handle takes uses its connections again") {
  constexpr auto count = size_t{200};
  require_ge(test::raise_file_limit(), 2 * count + 100);
  std::vector<test::connection> peers;
  for (int burst = 0; burst < 3; ++burst) {
    std::vector<running> all;
    for (size_t i = 0; i < count; ++i)
      all.push_back(get());
    for (size_t i = 0; i < count; ++i) {
      if (burst == 0)
        peers.push_back(server.accept());
      peers[i].read_request();
    }
    for (auto& peer : peers)
      peer.write(response("answer"));
    for (auto& x : all) {
      require(x->ends());
      check_eq(x->outcome(), "ok"s);
    }
  }
  check(!server.has_waiting());
}

TEST("several threads share the transfers, and pause, resume and cancel find the right one") {
  transport = std::make_unique<curl_transport>(curl_transport::settings{.threads = 3});
  constexpr auto count = size_t{12};
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::set<transfer_id> ids;
  std::vector<running> all;
  std::vector<test::connection> peers;
  for (size_t i = 0; i < count; ++i) {
    // Each pauses at its first bytes.
    all.push_back(get([&](std::string_view so_far) {
      const std::lock_guard guard{mutex};
      threads.insert(std::this_thread::get_id());
      return so_far.size() >= 10;
    }));
    ids.insert(all.back().id);
    peers.push_back(server.accept());
    peers.back().read_request();
    peers.back().write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
  }
  check_eq(ids.size(), count);
  for (auto& x : all)
    check(x->pauses_or_ends());
  {
    const std::lock_guard guard{mutex};
    check_eq(threads.size(), 3u);
  }
  for (size_t i = 0; i < count; i += 4)
    transport->cancel(all[i].id);
  for (size_t i = 0; i < count; ++i) {
    if (i % 4 == 0)
      continue;
    peers[i].write("56789");
    resume(all[i]);
    require(all[i]->ends());
    check_eq(all[i]->outcome(), "ok"s);
    check_eq(all[i]->body(), "0123456789"s);
  }
  // A cancelled transfer's listener is let go of without a word.
  transport.reset();
  for (size_t i = 0; i < count; i += 4) {
    check(!all[i]->ended());
    check_eq(all[i].listener.use_count(), 1);
  }
}

} // WITH_FIXTURE(test::transport_fixture)

} // SUITE("curl transport")
