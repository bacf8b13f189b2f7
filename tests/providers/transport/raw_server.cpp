#include <magna/tests/providers/transport/raw_server.hpp>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <magna/tests/support/test.hpp>

namespace magna::test {

namespace {

bool poll_one(int fd, short events, std::chrono::milliseconds limit) {
  pollfd entry{fd, events, 0};
  return poll(&entry, 1, static_cast<int>(limit.count())) > 0;
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto pos = head.find(name);
  std::size_t result = 0;
  if (pos != std::string_view::npos)
    std::from_chars(head.data() + pos + name.size(), head.data() + head.size(), result);
  return result;
}

} // namespace

connection::connection(connection&& other) noexcept
  : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

connection& connection::operator=(connection&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

connection::~connection() {
  close();
}

bool connection::ready(short events, std::chrono::milliseconds limit) const {
  return poll_one(fd_, events, limit);
}

std::string connection::read_request() {
  for (;;) {
    if (const auto end = buffer_.find("\r\n\r\n"); end != std::string::npos) {
      const auto size = end + 4 + content_length(std::string_view{buffer_}.substr(0, end + 2));
      if (buffer_.size() >= size) {
        auto result = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return result;
      }
    }
    char part[16384];
    if (!ready(POLLIN, patience))
      runnable::current().fail("no request came");
    const auto count = recv(fd_, part, sizeof(part), MSG_DONTWAIT);
    if (count <= 0)
      runnable::current().fail("the client closed before its request was whole");
    buffer_.append(part, static_cast<std::size_t>(count));
  }
}

void connection::write(std::string_view bytes) {
  if (write_until_stuck(bytes, patience) != bytes.size())
    runnable::current().fail("the client does not read");
}

std::size_t connection::write_until_stuck(std::string_view bytes, std::chrono::milliseconds calm) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto count = send(fd_, bytes.data() + done, bytes.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0)
      done += static_cast<std::size_t>(count);
    else if (errno != EAGAIN || !ready(POLLOUT, calm))
      break;
  }
  return done;
}

bool connection::closed_within(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() < 0 || !ready(POLLIN, left))
      return false;
    char part[16384];
    if (recv(fd_, part, sizeof(part), MSG_DONTWAIT) <= 0)
      return true;
  }
}

void connection::close() {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

void connection::reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close();
}

raw_server::raw_server(int backlog) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd_, backlog) != 0
      || getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    runnable::current().fail("no port to listen on: {}", std::strerror(errno));
  port_ = ntohs(address.sin_port);
}

raw_server::~raw_server() {
  ::close(fd_);
}

connection raw_server::accept() {
  if (!poll_one(fd_, POLLIN, patience))
    runnable::current().fail("no connection came");
  const auto fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0)
    runnable::current().fail("accept: {}", std::strerror(errno));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connection{fd};
}

bool raw_server::has_waiting() const {
  return poll_one(fd_, POLLIN, std::chrono::milliseconds{0});
}

std::string raw_server::authority() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::string raw_server::url(std::string_view path) const {
  return "http://" + authority() + std::string{path};
}

std::string response(std::string_view body, std::string_view status) {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
         + std::string{body};
}

std::string chunk(std::string_view data) {
  char size[20];
  const auto [end, error] = std::to_chars(size, size + sizeof(size), data.size(), 16);
  return std::string{size, end} + "\r\n" + std::string{data} + "\r\n";
}

} // namespace magna::test
