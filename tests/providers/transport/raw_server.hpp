#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace magna::test {

/// How long a test waits for what must happen.
inline constexpr auto patience = std::chrono::seconds{20};

/// The server's end of one connection. What it sends and when is up to the test, byte by byte. Everything is
/// bounded by `patience` and fails the test beyond it.
class connection {
public:
  explicit connection(int fd) noexcept : fd_(fd) {}

  connection(connection&& other) noexcept;
  connection& operator=(connection&& other) noexcept;
  ~connection();

  /// Reads one request: its head, and the body that its Content-Length announces.
  std::string read_request();

  /// Sends all of the bytes.
  void write(std::string_view bytes);

  /// Sends what the other side takes, until it has taken nothing for `calm`. Returns how many bytes went.
  std::size_t write_until_stuck(std::string_view bytes, std::chrono::milliseconds calm);

  /// Returns whether the other side closes or resets within `limit`; bytes that it sends before are dropped.
  bool closed_within(std::chrono::milliseconds limit);

  /// Says that no more bytes follow, and goes (FIN).
  void close();

  /// Breaks the connection off (RST).
  void reset();

  [[nodiscard]] int descriptor() const noexcept { return fd_; }

private:
  bool ready(short events, std::chrono::milliseconds limit) const;

  int fd_ = -1;
  std::string buffer_;
};

/// Listens on a port of 127.0.0.1 that the system chooses.
class raw_server {
public:
  explicit raw_server(int backlog = 2048);
  ~raw_server();

  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  /// Takes the next connection.
  connection accept();

  /// Returns whether a connection waits to be accepted.
  [[nodiscard]] bool has_waiting() const;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// "127.0.0.1:PORT".
  [[nodiscard]] std::string authority() const;

  [[nodiscard]] std::string url(std::string_view path = "/") const;

private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

/// A response with a Content-Length.
std::string response(std::string_view body, std::string_view status = "200 OK");

/// A chunk of a body in chunked coding.
std::string chunk(std::string_view data);

} // namespace magna::test
