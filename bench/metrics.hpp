#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <magna/bench/rounds.hpp>

// Loads and figures that more than one bench has.

namespace magna::bench {

constexpr target at_most(double limit) {
  return {.limit = limit};
}

constexpr target at_least(double limit) {
  return {.limit = limit, .at_least = true};
}

/// Of magna's own value, whatever the baseline's.
constexpr target itself_at_most(double limit) {
  return {.limit = limit, .of_ratio = false};
}

// -- loads

/// Requests one after the other, so many at a time.
inline load closed_loop(const std::string& upstream, bool stream, std::uint32_t in_flight,
                        std::uint64_t requests) {
  load made;
  made.url = upstream;
  made.stream = stream;
  made.in_flight = in_flight;
  made.requests = requests;
  made.warm_up = std::max<std::uint64_t>(std::uint64_t{2} * in_flight, 200);
  return made;
}

/// Streams that last as long as they are watched, with a token every so often.
inline load endless(const std::string& upstream, std::uint32_t streams, std::uint32_t interval_us,
                    double seconds) {
  load made;
  made.url = upstream;
  made.stream = true;
  made.in_flight = streams;
  made.pause_us = interval_us;
  made.seconds = seconds;
  return made;
}

/// The same for another subject.
inline load with_subject(load what, std::string subject) {
  what.subject = std::move(subject);
  return what;
}

inline load on_all_cores(load what) {
  what.one_core = false;
  return what;
}

// -- figures

inline double cpu_us_per_request(const figures& x, const load&) {
  return x.cpu_us / static_cast<double>(x.requests);
}

inline double chunks_of(const figures& x, const load& what) {
  return what.requests > 0 ? static_cast<double>(x.requests) * what.chunks : static_cast<double>(x.chunks);
}

inline metric throughput(std::optional<target> goal = {}) {
  return {"throughput", "requests/s",
          [](const figures& x, const load&) { return static_cast<double>(x.requests) / x.seconds; }, goal,
          true};
}

inline metric cpu_per_request(std::optional<target> goal = {}) {
  return {"cpu per request", "us", cpu_us_per_request, goal};
}

inline metric latency_p50(std::optional<target> goal = {}) {
  return {"latency p50", "us", [](const figures& x, const load&) { return x.latency_p50; }, goal};
}

inline metric latency_p99(std::optional<target> goal = {}) {
  return {"latency p99", "us", [](const figures& x, const load&) { return x.latency_p99; }, goal};
}

inline metric ttft_p50() {
  return {"ttft p50", "us", [](const figures& x, const load&) { return x.ttft_p50; }};
}

inline metric chunk_rate() {
  return {"throughput",
          "chunks/s",
          [](const figures& x, const load& what) { return chunks_of(x, what) / x.seconds; },
          {},
          true};
}

inline metric cpu_per_chunk(std::optional<target> goal = {}) {
  return {"cpu per chunk", "us",
          [](const figures& x, const load& what) { return x.cpu_us / chunks_of(x, what); }, goal};
}

inline metric delay_p50() {
  return {"delay p50", "us", [](const figures& x, const load&) { return x.late_p50; }};
}

inline metric delay_p99(std::optional<target> goal = {}) {
  return {"delay p99", "us", [](const figures& x, const load&) { return x.late_p99; }, goal};
}

} // namespace magna::bench
