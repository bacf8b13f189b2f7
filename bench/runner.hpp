#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <magna/bench/load.hpp>
#include <magna/bench/observer.hpp>
#include <magna/bench/upstream.hpp>

namespace magna::bench {

/// How thoroughly a bench is run.
struct effort {
  int rounds = 5;
  /// Of the usual number of requests and seconds.
  double scale = 1;
  /// Runs that others disturbed are repeated.
  bool repeat = true;
};

/// What came of a load, and what others did meanwhile.
struct outcome {
  figures got;
  disturbance others;
};

/// Runs the loads of one bench, each in a process of its own, and keeps what others did meanwhile.
class runner {
public:
  runner(const upstream_process& upstream, const effort& how) : upstream_(upstream), how_(how) {}

  const effort& how() const noexcept { return how_; }
  /// Of the upstream.
  const std::string& url() const noexcept { return upstream_.url(); }

  /// A count, in proportion to the effort.
  std::uint64_t scaled(std::uint64_t count, std::uint64_t least = 10) const;
  /// How many are open at once: fewer only if the effort is, but still enough for a list of them to show.
  std::uint32_t scaled_down(std::uint32_t count) const;
  std::uint32_t scaled_us(std::uint32_t interval) const {
    return static_cast<std::uint32_t>(interval * how_.scale);
  }
  double scaled_seconds(double seconds) const { return seconds * how_.scale; }

  /// Runs a load; once more if others disturbed it, and then the quieter run counts. Throws
  /// std::runtime_error if the run fails or loses a request.
  outcome run(const load& what);

  /// Runs this in a thread of this process, on the core where other loads are measured. Returns what others
  /// did.
  disturbance run_here(const std::function<void()>& what);

  /// Of all runs that count, in order.
  const std::vector<disturbance>& all() const noexcept { return all_; }
  int repeated() const noexcept { return repeated_; }

private:
  outcome run_once(const load& what) const;

  const upstream_process& upstream_;
  const effort how_;
  std::vector<disturbance> all_;
  int repeated_ = 0;
  int repeated_in_vain_ = 0;
};

/// Says how far a bench is, on stderr: in place on a terminal.
void show_progress(const std::string& text);
void end_progress();

} // namespace magna::bench
