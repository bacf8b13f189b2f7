#pragma once

#include <magna/simulator/journal.hpp>
#include <magna/simulator/scenario.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

struct server_options {
  std::string address = "127.0.0.1"; ///< A numeric address; keep it on loopback.
  std::uint16_t port = 0;            ///< 0: the system picks one.
  simulator::scenario scenario{};
  /// Bytes of each connection's kernel send buffer, 0 for the system's own choice. A small one lets a test
  /// see early that a client has stopped reading.
  std::size_t send_buffer = 0;
  /// How many requests the log keeps; older ones are forgotten.
  std::size_t log_capacity = 10'000;
  /// Called on the server's thread with one line per request that came or ended.
  std::function<void(std::string_view)> log{};
};

/// A local HTTP/1.1 server that speaks the protocols of Gemini, OpenAI, Anthropic and Ollama and misbehaves
/// as its scenario says. It listens from the end of its constructor until `stop()` or its destructor, on one
/// thread of its own. All members may be called from any thread, except that `stop` and the destructor must
/// not run on the server's own (in the log callback).
///
/// ```
/// magna::simulator::server sim{{.scenario = parse_scenario("gemini=stall,ok")}};
/// auto base_url = sim.url(protocol::gemini);
/// ```
class server {
public:
  /// Binds and starts. Throws `std::runtime_error` that names address and port when that fails, and
  /// `scenario_error`.
  explicit server(server_options options = {});
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  std::uint16_t port() const noexcept;

  /// The base URL as that provider's own SDK means it: OpenAI's ends in `/v1`, the others' in nothing.
  /// With an instance name, the URL of that instance.
  std::string url(protocol kind, std::string_view instance = {}) const;

  /// The server's root, e.g. `http://127.0.0.1:4711`.
  std::string url() const;

  /// Replaces the scenario and starts counting from its first steps. Requests that are being answered go on
  /// as they began. Throws `scenario_error`, and then changes nothing.
  void set_scenario(scenario value);

  /// Forgets the log and starts the scenario from its first steps.
  void reset();

  /// The log so far, oldest first.
  std::vector<request_log> requests() const;

  /// Waits until `done` holds for the log, and says whether it did in time. `done` runs under the log's lock:
  /// it must not call the server.
  bool wait_for(const std::function<bool(const std::deque<request_log>&)>& done,
                std::chrono::milliseconds timeout = std::chrono::seconds{10}) const;

  /// Waits until at least `count` requests have arrived.
  bool wait_for_requests(std::size_t count,
                         std::chrono::milliseconds timeout = std::chrono::seconds{10}) const;

  /// Waits until the request of that id has ended, and returns it.
  std::optional<request_log> wait_for_end(std::uint64_t id,
                                          std::chrono::milliseconds timeout = std::chrono::seconds{10}) const;

  /// How many connections are open now.
  std::size_t connections() const noexcept;

  /// Closes every connection and the port. The log stays readable. Does nothing the second time.
  void stop();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// Raises this process's limit of open files to what the system allows it, since every connection takes one.
/// Returns the limit now in force.
std::size_t raise_open_file_limit() noexcept;

} // namespace magna::simulator
