#include <magna/tests/soak/simulator_process.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace magna::soak {

namespace {

// A message is its length and its bytes; the first byte of a question says what is asked.

void write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const auto count = ::send(fd, data, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      throw std::system_error{errno, std::generic_category(), "the simulator's process"};
    data += count;
    size -= static_cast<std::size_t>(count);
  }
}

bool read_all(int fd, char* data, std::size_t size) {
  while (size > 0) {
    const auto count = ::read(fd, data, size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

void write_message(int fd, std::string_view content) {
  const auto size = static_cast<std::uint64_t>(content.size());
  write_all(fd, reinterpret_cast<const char*>(&size), sizeof size);
  write_all(fd, content.data(), content.size());
}

std::optional<std::string> read_message(int fd) {
  std::uint64_t size = 0;
  if (!read_all(fd, reinterpret_cast<char*>(&size), sizeof size))
    return std::nullopt;
  std::string content(size, '\0');
  if (!read_all(fd, content.data(), content.size()))
    return std::nullopt;
  return content;
}

template <class F>
std::size_t sum(const simulator::server& server, F f) {
  std::size_t result = 0;
  server.wait_for(
    [&](const auto& entries) {
      for (const auto& entry : entries)
        result += f(entry);
      return true;
    },
    std::chrono::milliseconds{0});
  return result;
}

std::string answer(simulator::server& server, std::string_view question) {
  switch (question.front()) {
    case 's':
      try {
        server.set_scenario(simulator::parse_scenario(question.substr(1)));
        return {};
      } catch (const simulator::scenario_error& error) {
        return error.what();
      }
    case 'c':
      return std::to_string(server.connections());
    case 'b':
      return std::to_string(
        sum(server, [](const auto& entry) { return entry.end == simulator::ending::open ? 1U : 0U; }));
    default:
      return std::to_string(sum(server, [](const auto& entry) { return entry.bytes_sent; }));
  }
}

/// The child's life: until the other end closes.
void serve(int link, std::size_t send_buffer) {
  // Ctrl-C is for the parent, whose end ends this.
  std::signal(SIGINT, SIG_IGN);
  simulator::raise_open_file_limit();
  simulator::server server{{.send_buffer = send_buffer}};
  write_message(link, std::to_string(server.port()));
  while (const auto question = read_message(link))
    write_message(link, answer(server, *question));
}

} // namespace

simulator_process::simulator_process(std::string_view scenario, std::size_t send_buffer) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error{errno, std::generic_category(), "socketpair"};
  child_ = ::fork();
  if (child_ == -1)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (child_ == 0) {
    ::close(ends[0]);
    try {
      serve(ends[1], send_buffer);
    } catch (...) {
      ::_exit(1);
    }
    // The parent's destructors are the parent's.
    ::_exit(0);
  }
  ::close(ends[1]);
  link_ = ends[0];
  auto port = read_message(link_);
  if (!port)
    throw std::runtime_error{"the simulator did not start"};
  port_ = std::move(*port);
  use(scenario);
}

simulator_process::~simulator_process() {
  ::close(link_);
  ::waitpid(child_, nullptr, 0);
}

std::string simulator_process::url(simulator::protocol kind) const {
  return "http://127.0.0.1:" + port_ + (kind == simulator::protocol::openai ? "/v1" : "");
}

void simulator_process::use(std::string_view scenario) {
  if (const auto refused = ask('s', scenario); !refused.empty())
    throw std::runtime_error{refused};
}

std::size_t simulator_process::connections() {
  return std::stoul(ask('c'));
}

std::size_t simulator_process::busy() {
  return std::stoul(ask('b'));
}

std::size_t simulator_process::bytes_sent() {
  return std::stoul(ask('n'));
}

std::string simulator_process::ask(char what, std::string_view content) {
  write_message(link_, std::string{what}.append(content));
  auto reply = read_message(link_);
  if (!reply)
    throw std::runtime_error{"the simulator's process has ended"};
  return std::move(*reply);
}

} // namespace magna::soak
