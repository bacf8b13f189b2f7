#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <magna/bench/load.hpp>

namespace magna::bench {

/// Decides when a worker starts the next request, and measures: the same for all subjects, so that they are
/// compared by one rule. Requests are numbered; each belongs to one of `in_flight` lanes, which it has for
/// itself. Belongs to one thread or actor.
class session {
public:
  using clock = std::chrono::steady_clock;

  explicit session(const load& what);

  const load& what() const noexcept { return what_; }

  /// The next request of a lane, whose last one has ended; nothing once enough were started.
  std::optional<std::uint64_t> start(std::uint32_t lane);

  std::uint32_t lane_of(std::uint64_t request) const noexcept {
    return static_cast<std::uint32_t>(request % what_.in_flight);
  }

  /// Text of a request has come: so many events' worth. `text` holds the first of them.
  void on_text(std::uint64_t request, std::uint64_t events, std::string_view text);

  /// A request has ended, and as it should or not. What ends after all is over does not count.
  void on_end(std::uint64_t request, bool good);

  /// Enough has been measured.
  bool over() const noexcept { return over_; }

  /// Asks whether the time of an endless load is up.
  void look_at_clock();

  figures result() const;

private:
  struct lane_state {
    clock::time_point started;
    bool has_text = false;
    std::uint64_t rounds = 0;
  };

  /// Of all processes that count.
  double cpu_us() const;
  void begin_measuring();
  void end_measuring();

  load what_;
  std::vector<lane_state> lanes_;
  std::uint64_t started_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t open_ = 0;
  bool measuring_ = false;
  bool over_ = false;
  clock::time_point began_;
  clock::time_point stopped_;
  double cpu_began_ = 0;
  double cpu_stopped_ = 0;
  double kib_before_ = 0;
  double kib_after_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t chunks_ = 0;
  std::uint64_t measured_ = 0;
  std::vector<float> latencies_;
  std::vector<float> ttfts_;
  std::vector<float> late_;
};

} // namespace magna::bench
