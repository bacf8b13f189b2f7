#include <magna/node/caf/visitors.hpp>

#include <stop_token>
#include <utility>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <sys/socket.h>

namespace magna {

namespace {

std::string host_of(int socket) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  char text[INET6_ADDRSTRLEN] = "an unknown host";
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&from), &size) != 0)
    return text;
  if (from.ss_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, text, sizeof text);
  else
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, text, sizeof text);
  return text;
}

bool has_sent_anything(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  // The end of what is sent counts as a byte.
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_bytes_received > 1;
}

} // namespace

visitors::visitors(std::chrono::milliseconds patience)
  : patience_(patience), watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

visitors::~visitors() = default;

void visitors::watch(const std::stop_token& stop) {
  mutex_lock guard{mutex_};
  while (!wake_.wait_for(guard, stop, patience_ / 10, [] { return false; }) && !stop.stop_requested()) {
    const auto now = clock::now();
    for (auto i = waiting_.begin(); i != waiting_.end();) {
      if (now - i->second.since < patience_) {
        ++i;
        continue;
      }
      refuse(i->second.host,
             "it has not introduced itself as a node for " + std::to_string(patience_.count()) + " ms");
      // Its owner sees the end of the connection and closes it.
      ::shutdown(i->first, SHUT_RDWR);
      i = waiting_.erase(i);
    }
    for (const auto& line : log_.on_tick(now))
      logger()->warn("{}", line);
  }
}

void visitors::refuse(const std::string& host, const std::string& why) {
  if (const auto line = log_.on_refusal(host, why, clock::now()); !line.empty())
    logger()->warn("{}", line);
}

visitors::visit::visit(std::shared_ptr<visitors> all, int socket)
  : all_(std::move(all)), socket_(socket), host_(host_of(socket)) {
  const mutex_lock guard{all_->mutex_};
  all_->waiting_.insert_or_assign(socket_, entry{.host = host_, .since = clock::now()});
}

visitors::visit::~visit() {
  if (!all_ || settled_)
    return;
  const mutex_lock guard{all_->mutex_};
  // Who only looks whether somebody listens, as a load balancer does, is no news; nor is who was cut off.
  if (all_->waiting_.erase(socket_) > 0 && has_sent_anything(socket_))
    all_->refuse(host_, "it broke off its introduction (with TLS: no certificate, or none of this node's "
                        "authority, or one that has expired)");
}

void visitors::visit::introduced() {
  if (std::exchange(settled_, true))
    return;
  const mutex_lock guard{all_->mutex_};
  all_->waiting_.erase(socket_);
}

void visitors::visit::refuse(const std::string& why) {
  const mutex_lock guard{all_->mutex_};
  settled_ = true;
  all_->waiting_.erase(socket_);
  all_->refuse(host_, why);
}

} // namespace magna
