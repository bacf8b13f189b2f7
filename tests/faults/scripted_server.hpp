#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <magna/tests/faults/row.hpp>
#include <magna/tests/providers/transport/raw_server.hpp>

namespace magna::test {

/// One exchange: the request has been read, the script writes what it likes.
class exchange {
public:
  exchange(connection& peer, provider_kind kind, std::string request, const std::atomic<bool>& stopping)
    : peer_(peer), kind_(kind), request_(std::move(request)), stopping_(stopping) {}

  [[nodiscard]] provider_kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& request() const noexcept { return request_; }

  /// Sends bytes; returns false when the client is gone, or the test over.
  bool write(std::string_view bytes);

  /// Says nothing for so long, or until the client is gone.
  void wait(std::chrono::milliseconds time);

  /// Says nothing until the client is gone.
  void hold();

  void close() { peer_.close(); }
  void reset() { peer_.reset(); }

private:
  connection& peer_;
  provider_kind kind_;
  std::string request_;
  const std::atomic<bool>& stopping_;
};

/// Answers every request with the bytes that a script writes, on a thread of its own, one connection after
/// the other. The connection is closed when the script returns.
class scripted_server {
public:
  using script = std::function<void(exchange&)>;

  scripted_server(provider_kind kind, script answer);
  ~scripted_server();

  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] std::string origin() const { return "http://" + server_.authority(); }

private:
  void run();

  raw_server server_;
  provider_kind kind_;
  script answer_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// For row::where: a server that does what the script says.
std::function<place(provider_kind)> scripted(scripted_server::script answer);

} // namespace magna::test
