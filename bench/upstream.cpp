#include <magna/bench/upstream.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <queue>
#include <stdexcept>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace magna::bench {

std::string event_of(std::string_view token) {
  std::string out =
    R"(data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion.chunk",)"
    R"("created":1700000000,"model":"gpt-4o-2024-08-06","service_tier":"default",)"
    R"("system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{"content":")";
  out.append(token);
  out += "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
  return out;
}

std::string answer_body(std::string_view text) {
  std::string out =
    R"({"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion","created":1700000000,)"
    R"("model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":")";
  out.append(text);
  out += R"("},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":34,)"
         R"("total_tokens":46},"service_tier":"default","system_fingerprint":"fp_0123456789"})";
  return out;
}

namespace {

constexpr std::string_view constant_token = "000000000000000 ";
constexpr std::string_view last_events =
  R"(data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion.chunk","created":1700000000,)"
  R"("model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]})"
  "\n\ndata: [DONE]\n\n";

std::string framed(std::string_view data) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return std::string{size.data()}.append(data) + "\r\n";
}

std::string head_of_stream() {
  return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
         "x-request-id: req_0123456789abcdef\r\ntransfer-encoding: chunked\r\n\r\n";
}

std::uint64_t monotonic_us() {
  return static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count());
}

class server {
public:
  server() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    // Some systems pace what they send (BBR), by guesses that have no meaning on a loopback: pauses of 40 ms.
    setsockopt(listener_, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0
        || listen(listener_, 16'384) != 0
        || getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error{"the upstream can't listen"};
    port_ = ntohs(address.sin_port);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    const auto body = answer_body("The quick brown fox jumps over the lazy dog, and then does so again.");
    answer_ = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_0123456789abcdef\r\n"
              "content-length: "
              + std::to_string(body.size()) + "\r\n\r\n" + body;
    paced_event_ = framed(event_of(constant_token));
    token_at_ = paced_event_.find(constant_token);
  }

  std::uint16_t port() const noexcept { return port_; }

  void run() {
    std::vector<epoll_event> events(1'024);
    for (;;) {
      const auto count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), time_to_wait());
      for (int i = 0; i < count; ++i)
        deal_with(events[static_cast<std::size_t>(i)]);
      send_what_is_due();
    }
  }

private:
  struct connection {
    std::string in;
    /// What is left to be sent of an answer, which is kept elsewhere.
    std::string_view out;
    /// Distinguishes it from a former one of the same descriptor.
    std::uint64_t serial = 0;
    bool waits_for_room = false;
  };

  struct due {
    std::uint64_t at;
    int fd;
    std::uint64_t serial;
    std::uint32_t interval;
    bool is_first;
  };

  struct later {
    bool operator()(const due& x, const due& y) const noexcept { return x.at > y.at; }
  };

  void watch(int fd, std::uint32_t what, int operation) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void deal_with(const epoll_event& event) {
    const auto fd = event.data.fd;
    if (fd == listener_) {
      accept_all();
      return;
    }
    auto& x = *connections_[static_cast<std::size_t>(fd)];
    if ((event.events & EPOLLOUT) != 0)
      flush(fd, x);
    if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0)
      read(fd, x);
  }

  void accept_all() {
    for (;;) {
      const auto fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0)
        return;
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
      if (connections_.size() <= static_cast<std::size_t>(fd))
        connections_.resize(static_cast<std::size_t>(fd) + 1);
      connections_[static_cast<std::size_t>(fd)] = std::make_unique<connection>();
      connections_[static_cast<std::size_t>(fd)]->serial = ++last_serial_;
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void read(int fd, connection& x) {
    std::array<char, 65'536> buffer;
    const auto got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        connections_[static_cast<std::size_t>(fd)].reset();
        close(fd);
      }
      return;
    }
    const std::string_view bytes{buffer.data(), static_cast<std::size_t>(got)};
    if (x.in.empty() && is_whole(bytes)) {
      answer(fd, x, bytes);
      return;
    }
    x.in.append(bytes);
    if (is_whole(x.in)) {
      const auto request = std::exchange(x.in, {});
      answer(fd, x, request);
    }
  }

  static bool is_whole(std::string_view request) {
    const auto end = request.find("\r\n\r\n");
    if (end == std::string_view::npos)
      return false;
    const auto head = request.substr(0, end);
    auto at = head.find("ontent-");
    while (at != std::string_view::npos && !head.substr(at + 8).starts_with("ength: "))
      at = head.find("ontent-", at + 1);
    std::size_t length = 0;
    if (at != std::string_view::npos)
      std::from_chars(head.data() + at + 15, head.data() + head.size(), length);
    return request.size() >= end + 4 + length;
  }

  void answer(int fd, connection& x, std::string_view request) {
    const auto path = request.substr(request.find('/'));
    const auto number_after = [&](std::string_view prefix) {
      std::uint32_t result = 0;
      std::from_chars(path.data() + prefix.size(), path.data() + path.size(), result);
      return result;
    };
    if (path.starts_with("/stream/")) {
      x.out = stream_of(number_after("/stream/"));
      flush(fd, x);
    } else if (path.starts_with("/paced/")) {
      x.out = head_;
      flush(fd, x);
      due_.push({monotonic_us(), fd, x.serial, number_after("/paced/"), true});
    } else {
      x.out = answer_;
      flush(fd, x);
    }
  }

  std::string_view stream_of(std::uint32_t events) {
    auto& made = streams_[events];
    if (made.empty()) {
      made = head_of_stream();
      const auto event = framed(event_of(constant_token));
      for (std::uint32_t i = 0; i < events; ++i)
        made += event;
      made += framed(last_events) + "0\r\n\r\n";
    }
    return made;
  }

  void flush(int fd, connection& x) {
    while (!x.out.empty()) {
      const auto sent = send(fd, x.out.data(), x.out.size(), MSG_NOSIGNAL);
      if (sent < 0)
        break;
      x.out.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (x.out.empty() == x.waits_for_room) {
      x.waits_for_room = !x.out.empty();
      watch(fd, x.waits_for_room ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    }
  }

  int time_to_wait() const {
    if (due_.empty())
      return -1;
    const auto now = monotonic_us();
    return due_.top().at <= now ? 0 : static_cast<int>((due_.top().at - now + 999) / 1000);
  }

  void send_what_is_due() {
    while (!due_.empty() && due_.top().at <= monotonic_us()) {
      auto next = due_.top();
      due_.pop();
      const auto& x = connections_[static_cast<std::size_t>(next.fd)];
      if (!x || x->serial != next.serial)
        continue;
      std::array<char, token_size> digits{};
      std::snprintf(digits.data(), digits.size(), "%015llu", static_cast<unsigned long long>(monotonic_us()));
      paced_event_.replace(token_at_, token_size - 1, digits.data());
      if (send(next.fd, paced_event_.data(), paced_event_.size(), MSG_NOSIGNAL) < 0)
        continue;
      next.at += next.interval;
      // Streams may begin together, but are not in step with each other.
      if (std::exchange(next.is_first, false))
        next.at += next.serial * 7'919 % next.interval;
      due_.push(next);
    }
  }

  int listener_ = -1;
  int epoll_ = -1;
  std::uint16_t port_ = 0;
  std::string answer_;
  const std::string head_ = head_of_stream();
  std::map<std::uint32_t, std::string> streams_;
  std::string paced_event_;
  std::size_t token_at_ = 0;
  std::uint64_t last_serial_ = 0;
  std::vector<std::unique_ptr<connection>> connections_;
  std::priority_queue<due, std::vector<due>, later> due_;
};

} // namespace

std::string stream_body(std::uint32_t events) {
  std::string out;
  const auto event = event_of(constant_token);
  out.reserve(event.size() * events + last_events.size());
  for (std::uint32_t i = 0; i < events; ++i)
    out += event;
  return out.append(last_events);
}

void serve() {
  server here;
  std::printf("http://127.0.0.1:%u\n", static_cast<unsigned>(here.port()));
  std::fflush(stdout);
  here.run();
}

upstream_process::upstream_process() : process_({"--upstream"}), url_(process_.read_line()) {
  if (url_.empty())
    throw std::runtime_error{"the upstream does not start"};
}

} // namespace magna::bench
