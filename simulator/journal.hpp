#pragma once

#include <magna/simulator/scenario.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace magna::simulator {

enum class ending : std::uint8_t {
  open,           ///< Still being answered.
  answered,       ///< The whole answer was written.
  client_closed,  ///< The client closed the connection first.
  cut,            ///< The simulator closed the connection on purpose.
  reset,          ///< The simulator reset the connection on purpose.
  server_stopped, ///< The simulator was stopped.
};

std::string_view to_string(ending value) noexcept;

/// Bodies longer than this are not kept; their size is.
inline constexpr std::size_t max_logged_body = 64 * 1024;

struct request_log {
  std::uint64_t id = 0;         ///< Counts from 0; a reset starts it again.
  std::uint64_t connection = 0; ///< Requests with the same number came over one connection.
  std::optional<protocol> kind; ///< None: a path of no protocol.
  std::optional<route> on;      ///< None: a path or method of no use.
  std::string instance;
  std::string model;
  bool stream = false;
  std::size_t inputs = 0; ///< Of an embedding request: how many texts it asks about.
  std::string method;
  std::string path;                           ///< As it came, with the query.
  std::map<std::string, std::string> headers; ///< Names in lower case; repeated ones joined with ", ".
  std::string body;                           ///< Empty when longer than `max_logged_body`.
  std::size_t body_size = 0;
  std::string step;    ///< The name of the step that it got; empty when refused before one.
  unsigned status = 0; ///< 0 until headers were written.
  std::size_t tokens_sent = 0;
  std::size_t bytes_sent = 0;
  std::chrono::system_clock::time_point arrived_at;
  std::chrono::steady_clock::time_point arrived;
  std::chrono::steady_clock::time_point first_byte; ///< When the first byte was handed to the system.
  std::chrono::steady_clock::time_point ended;
  ending end = ending::open;
};

/// The log of requests: written by the server's thread, read and waited for by any.
class journal {
public:
  explicit journal(std::size_t capacity) : capacity_{capacity == 0 ? 1 : capacity} {}

  /// Takes a request that arrived, and returns the ticket under which to report about it.
  std::uint64_t arrived(request_log entry);
  void took_step(std::uint64_t ticket, std::string_view step);
  void sent(std::uint64_t ticket, unsigned status, std::size_t tokens, std::size_t bytes);
  void ended(std::uint64_t ticket, ending how);

  /// Forgets everything. What is still being answered isn't reported any more.
  void clear();

  std::vector<request_log> entries() const;
  std::string to_json() const;
  bool wait_for(const std::function<bool(const std::deque<request_log>&)>& done,
                std::chrono::milliseconds timeout) const;

private:
  request_log* find(std::uint64_t ticket);

  std::size_t capacity_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<request_log> entries_;
  std::uint64_t next_ticket_ = 0;  // never starts again, so that a report from before a clear finds nothing
  std::uint64_t first_ticket_ = 0; // of entries_.front()
  std::uint64_t cleared_at_ = 0;   // the ticket whose id is 0
};

} // namespace magna::simulator
