#include <magna/bench/runner.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include <unistd.h>

#include <magna/bench/child.hpp>

namespace magna::bench {

namespace {

/// So many second runs may be disturbed as well.
constexpr int patience = 5;

} // namespace

std::uint64_t runner::scaled(std::uint64_t count, std::uint64_t least) const {
  return std::max(least, static_cast<std::uint64_t>(static_cast<double>(count) * how_.scale));
}

std::uint32_t runner::scaled_down(std::uint32_t count) const {
  return how_.scale < 1 ? std::max(count / 10, 100U) : count;
}

outcome runner::run(const load& what) {
  auto result = run_once(what);
  if (how_.repeat && result.others.is_too_much() && repeated_in_vain_ < patience) {
    ++repeated_;
    const auto again = run_once(what);
    if (again.others.is_too_much())
      ++repeated_in_vain_;
    if (again.others.other + again.others.stolen < result.others.other + result.others.stolen)
      result = again;
  }
  all_.push_back(result.others);
  return result;
}

disturbance runner::run_here(const std::function<void()>& what) {
  const observer watch{observer::scope::measured_core, upstream_.pid(), {}};
  const auto before = cpu_us_of(0);
  std::exception_ptr problem;
  std::thread{[&] {
    stay_on(measured_core());
    try {
      what();
    } catch (...) {
      problem = std::current_exception();
    }
  }}.join();
  if (problem)
    std::rethrow_exception(problem);
  const auto others = watch.stop(cpu_us_of(0) - before);
  all_.push_back(others);
  return others;
}

outcome runner::run_once(const load& what) const {
  const auto task = nlohmann::json(what).dump();
  std::vector<pid_t> others;
  if (what.node_process > 0)
    others.push_back(what.node_process);
  const auto cores = !what.one_core ? observer::scope::all_cores
                     : what.canned  ? observer::scope::measured_core
                                    : observer::scope::both_cores;
  const observer watch{cores, upstream_.pid(), std::move(others)};
  child worker{{"--worker", task}};
  const auto text = worker.read_line();
  const auto status = worker.wait();
  outcome result;
  result.others = watch.stop(worker.cpu_us());
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (status != 0 || !parsed.is_object())
    throw std::runtime_error{"a worker failed: " + task};
  result.got = parsed.get<figures>();
  const auto& got = result.got;
  if (got.failures > 0 || got.requests != what.requests)
    throw std::runtime_error{std::to_string(got.failures) + " of " + std::to_string(what.requests)
                             + " requests failed, " + std::to_string(got.requests) + " ended: " + task};
  return result;
}

void show_progress(const std::string& text) {
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  std::fprintf(stderr, terminal ? "\r\x1b[K%s" : "%s\n", text.c_str());
  std::fflush(stderr);
}

void end_progress() {
  if (isatty(STDERR_FILENO) != 0)
    std::fputs("\r\x1b[K", stderr);
}

} // namespace magna::bench
