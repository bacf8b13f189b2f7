#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <magna/tests/providers/transport/fixture.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::chunk;
using magna::test::response;

namespace {

/// A body that tells lost, doubled and swapped bytes apart.
std::string pattern(size_t size) {
  std::string result(size, '\0');
  auto state = std::uint32_t{42};
  for (auto& c : result) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return result;
}

std::string chunked(std::string_view body, size_t chunk_size) {
  auto result = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"s;
  for (; !body.empty(); body.remove_prefix(std::min(chunk_size, body.size())))
    result += chunk(body.substr(0, chunk_size));
  return result + "0\r\n\r\n";
}

/// Nanoseconds of processor time that the thread of this process with a name has used.
std::uint64_t cpu_time_of(const std::string& thread) {
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string name;
    std::getline(std::ifstream{entry.path() / "comm"}, name);
    if (name != thread)
      continue;
    std::uint64_t result = 0;
    std::ifstream{entry.path() / "schedstat"} >> result;
    return result;
  }
  test::runnable::current().fail("there is no thread called {}", thread);
}

} // namespace

SUITE("curl transport") {

WITH_FIXTURE(test::transport_fixture) {

TEST("a paused transfer takes no more, and resumed it loses and doubles nothing") {
  auto body = pattern(8u << 20);
  auto bytes = std::string{};
  SECTION("with a length") {
    bytes = response(body);
  }
  SECTION("in small chunks") {
    bytes = chunked(body, 1000);
  }
  SECTION("in large chunks") {
    bytes = chunked(body, 1u << 20);
  }
  // Pauses after each 100 kB.
  auto mark = std::make_shared<size_t>(100'000);
  auto x = get([mark](std::string_view so_far) {
    if (so_far.size() < *mark)
      return true;
    *mark = so_far.size() + 100'000;
    return false;
  });
  auto peer = server.accept();
  peer.read_request();
  auto sent = size_t{0};
  auto writer = std::thread{[&] { sent = peer.write_until_stuck(bytes, test::patience); }};
  auto pauses = 0;
  while (x->pauses_or_ends()) {
    ++pauses;
    resume(x);
  }
  writer.join();
  check_eq(sent, bytes.size());
  check_eq(x->outcome(), "ok"s);
  check(x->body() == body);
  check(x->in_order());
  check_ge(pauses, 40);
}

TEST("the server feels a pause") {
  auto body = pattern(64u << 20);
  auto x = get([](std::string_view) { return false; });
  auto peer = server.accept();
  peer.read_request();
  auto sent = peer.write_until_stuck(response(body), 100ms);
  require(x->pauses());
  check_lt(sent, body.size() / 2);
  check_lt(x->body().size(), 128u << 10);
  check(!x->ended());
}

TEST("the end of a paused transfer is told when it goes on") {
  auto x = get([](std::string_view) { return false; });
  auto peer = server.accept();
  peer.read_request();
  SECTION("a good one") {
    peer.write(response("whole"));
    require(x->pauses());
    check(!x->ends_within(50ms));
    resume(x);
    require(x->ends());
    check_eq(x->outcome(), "ok"s);
    check_eq(x->body(), "whole"s);
  }
  SECTION("a broken one") {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    require(x->pauses());
    peer.close();
    check(!x->ends_within(50ms));
    resume(x);
    require(x->ends());
    check(x->outcome().starts_with("stream_truncated: "));
    check_eq(x->body(), "half"s);
  }
  check(x->in_order());
}

TEST("resuming what is not paused, has ended or never was has no effect") {
  auto x = get();
  transport->resume(x.id);
  transport->resume(x.id + 1000);
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("ok"));
  require(x->ends());
  transport->resume(x.id);
  auto y = get();
  peer.read_request();
  peer.write(response("ok"));
  require(y->ends());
  check_eq(y->outcome(), "ok"s);
}

} // WITH_FIXTURE(test::transport_fixture)

TEST("a peer that closes while the transfer is paused costs no processor time") {
  test::transport_fixture world{{.thread_name = "paused-test"}};
  auto x = world.get([](std::string_view) { return false; });
  auto peer = world.server.accept();
  peer.read_request();
  // More than libcurl reads at a time, so that there is more to come and it stops to read.
  auto sent = peer.write_until_stuck(response(pattern(64u << 20)), 50ms);
  require(x->pauses());
  SECTION("with FIN") {
    peer.close();
  }
  SECTION("with RST") {
    peer.reset();
  }
  auto before = cpu_time_of("paused-test");
  check(!x->ends_within(300ms));
  auto used = std::chrono::nanoseconds{cpu_time_of("paused-test") - before};
  // A loop that spins would have used all of the 300 ms.
  check_lt(used.count(), std::chrono::nanoseconds{60ms}.count());
  // All of what comes is taken from now on.
  while (x->pauses_or_ends())
    world.resume(x);
  check(x->outcome().starts_with("stream_truncated: "));
  check_le(x->body().size(), sent);
  check(x->in_order());
}

} // SUITE("curl transport")
