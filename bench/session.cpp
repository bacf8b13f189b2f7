#include <magna/bench/session.hpp>

#include <charconv>
#include <fstream>
#include <string>

#include <malloc.h>

#include <magna/bench/machine.hpp>
#include <magna/bench/quantile.hpp>
#include <magna/bench/upstream.hpp>

namespace magna::bench {

namespace {

/// Memory of the process's own, in KiB.
double resident_kib() {
  std::ifstream in{"/proc/self/smaps_rollup"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("Private_Dirty:"))
      return std::stod(line.substr(14));
  return 0;
}

double microseconds(session::clock::duration d) {
  return std::chrono::duration<double, std::micro>(d).count();
}

} // namespace

session::session(const load& what) : what_(what), lanes_(what.in_flight) {
  latencies_.reserve(what_.requests);
  ttfts_.reserve(what_.requests + what_.in_flight);
  if (what_.requests == 0)
    late_.reserve(1 << 20);
  // What the recorder itself takes is nobody's.
  kib_before_ = resident_kib();
}

std::optional<std::uint64_t> session::start(std::uint32_t lane) {
  if (over_ || (what_.requests > 0 && started_ >= what_.warm_up + what_.requests))
    return std::nullopt;
  ++started_;
  auto& mine = lanes_[lane];
  mine.started = clock::now();
  mine.has_text = false;
  if (what_.warm_up == 0 && what_.requests > 0 && !measuring_)
    begin_measuring();
  return mine.rounds++ * what_.in_flight + lane;
}

void session::on_text(std::uint64_t request, std::uint64_t events, std::string_view text) {
  if (over_)
    return;
  auto& mine = lanes_[lane_of(request)];
  if (measuring_)
    chunks_ += events;
  const auto is_endless = what_.requests == 0;
  if (!mine.has_text) {
    mine.has_text = true;
    if (measuring_ || is_endless)
      ttfts_.push_back(static_cast<float>(microseconds(clock::now() - mine.started)));
    if (is_endless && ++open_ == what_.in_flight)
      begin_measuring();
  } else if (is_endless && measuring_) {
    std::uint64_t sent = 0;
    std::from_chars(text.data(), text.data() + text.size(), sent);
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(clock::now().time_since_epoch());
    late_.push_back(static_cast<float>(static_cast<std::uint64_t>(now.count()) - sent));
  }
}

void session::on_end(std::uint64_t request, bool good) {
  if (over_)
    return;
  ++ended_;
  // A stream without end must not end, however well.
  if (!good || what_.requests == 0)
    ++failures_;
  if (measuring_) {
    latencies_.push_back(static_cast<float>(microseconds(clock::now() - lanes_[lane_of(request)].started)));
    ++measured_;
  }
  if (what_.requests == 0) {
    end_measuring();
    return;
  }
  if (!measuring_ && ended_ == what_.warm_up)
    begin_measuring();
  else if (ended_ == what_.warm_up + what_.requests)
    end_measuring();
}

void session::look_at_clock() {
  if (what_.requests == 0 && measuring_
      && clock::now() - began_ >= std::chrono::duration<double>(what_.seconds))
    end_measuring();
}

double session::cpu_us() const {
  return cpu_us_of(0) + (what_.node_process > 0 ? cpu_us_of(what_.node_process) : 0);
}

void session::begin_measuring() {
  measuring_ = true;
  if (what_.requests == 0)
    malloc_trim(0);
  kib_after_ = resident_kib();
  cpu_began_ = cpu_us();
  began_ = clock::now();
}

void session::end_measuring() {
  stopped_ = clock::now();
  cpu_stopped_ = cpu_us();
  if (what_.requests == 0) {
    malloc_trim(0);
    const auto recorded = static_cast<double>(late_.size() * sizeof(float)) / 1024;
    kib_after_ = resident_kib() - recorded;
  }
  measuring_ = false;
  over_ = true;
}

figures session::result() const {
  figures out;
  out.requests = measured_;
  out.failures = failures_;
  out.chunks = chunks_;
  out.seconds = std::chrono::duration<double>(stopped_ - began_).count();
  out.cpu_us = cpu_stopped_ - cpu_began_;
  out.latency_p50 = quantile(latencies_, 0.5);
  out.latency_p99 = quantile(latencies_, 0.99);
  out.ttft_p50 = quantile(ttfts_, 0.5);
  out.late_p50 = quantile(late_, 0.5);
  out.late_p99 = quantile(late_, 0.99);
  out.kib_per_stream = (kib_after_ - kib_before_) / what_.in_flight;
  return out;
}

} // namespace magna::bench
