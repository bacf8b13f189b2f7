#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <magna/messages/errc.hpp>

namespace magna::soak {

using steady = std::chrono::steady_clock;

/// What became of all requests so far.
struct totals {
  std::uint64_t sent = 0;
  std::uint64_t completed = 0;
  /// Failures by error, cancelled ones among them.
  std::map<errc, std::uint64_t> failed;
  /// Those that found no orchestrator, because it had just been killed.
  std::uint64_t unheard = 0;
  /// Their requester ended before they did.
  std::uint64_t abandoned = 0;
  std::uint64_t chunks = 0;
  std::uint64_t bytes = 0;
  /// Attempts in all trails.
  std::uint64_t attempts = 0;
  /// From a cancellation to the end that it caused.
  std::chrono::nanoseconds slowest_cancel{0};
  /// How much later than its deadline a request ended.
  std::chrono::nanoseconds latest_end{0};
  std::uint64_t violations = 0;
  /// The first of the violations, in words.
  std::vector<std::string> examples;

  std::uint64_t failures() const;
  std::uint64_t cancelled() const;
};

/// The account of all requests. Thread-safe.
class ledger {
public:
  void sent(const std::string& id, std::chrono::nanoseconds deadline);
  void completed(const std::string& id, std::size_t attempts);
  /// No error: it found no orchestrator.
  void failed(const std::string& id, std::optional<errc> error, std::size_t attempts);
  void abandoned(const std::string& id);
  void text(std::size_t bytes);
  void cancelled_within(std::chrono::nanoseconds time);
  void violation(const std::string& id, std::string_view what);

  totals so_far() const;
  std::size_t in_flight() const;
  /// The IDs of the requests that have not ended.
  std::vector<std::string> open() const;

private:
  void close(const std::string& id);

  mutable std::mutex mutex_;
  totals totals_;
  /// The running requests and their deadlines.
  std::unordered_map<std::string, steady::time_point> open_;
};

} // namespace magna::soak
