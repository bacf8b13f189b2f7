#include "scripted_server.hpp"

#include <utility>

namespace magna::test {

namespace {

constexpr auto look_around = std::chrono::milliseconds{20};

} // namespace

bool exchange::write(std::string_view bytes) {
  // In parts, so that a client that reads nothing more does not keep the test from its end.
  while (!bytes.empty() && !stopping_) {
    const auto part = bytes.substr(0, std::size_t{64} << 10);
    const auto sent = peer_.write_until_stuck(part, std::chrono::milliseconds{500});
    bytes.remove_prefix(sent);
    if (sent < part.size() && peer_.closed_within(std::chrono::milliseconds{0}))
      return false;
  }
  return bytes.empty();
}

void exchange::wait(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stopping_ && std::chrono::steady_clock::now() < until)
    if (peer_.closed_within(look_around))
      return;
}

void exchange::hold() {
  wait(patience);
}

scripted_server::scripted_server(provider_kind kind, script answer)
  : kind_(kind), answer_(std::move(answer)), thread_([this] { run(); }) {}

scripted_server::~scripted_server() {
  stopping_ = true;
  thread_.join();
}

void scripted_server::run() {
  while (!stopping_) {
    if (!server_.has_waiting()) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
      continue;
    }
    auto peer = server_.accept();
    auto request = peer.read_request();
    exchange talk{peer, kind_, std::move(request), stopping_};
    answer_(talk);
  }
}

std::function<place(provider_kind)> scripted(scripted_server::script answer) {
  return [answer = std::move(answer)](provider_kind kind) {
    auto made = std::make_shared<scripted_server>(kind, answer);
    return place{made->origin(), made};
  };
}

} // namespace magna::test
