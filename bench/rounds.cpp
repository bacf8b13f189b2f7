#include <magna/bench/rounds.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

#include <magna/bench/child.hpp>
#include <magna/bench/quantile.hpp>

namespace magna::bench {

namespace {

/// A connection needs a descriptor here and one at the upstream. Says so where the limit is too low.
bool enough_descriptors(const std::string& bench, const comparison& what) {
  constexpr rlim_t other = 200;
  const auto needed = std::max(what.magna.in_flight, what.baseline.in_flight) + other;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed)
    return true;
  end_progress();
  std::fprintf(stderr, "%s: left out: %s: needs %llu open files, and the limit is %llu (ulimit -n)\n",
               bench.c_str(), what.name.c_str(), static_cast<unsigned long long>(needed),
               static_cast<unsigned long long>(limit.rlim_cur));
  return false;
}

} // namespace

bool row::met() const noexcept {
  if (!goal)
    return true;
  const auto value = goal->of_ratio ? ratio : magna;
  return goal->at_least ? value >= goal->limit : value <= goal->limit;
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

figures run_in_process(const load& what) {
  const auto task = nlohmann::json(what).dump();
  child worker{{"--worker", task}};
  const auto text = worker.read_line();
  const auto status = worker.wait();
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (status != 0 || !parsed.is_object())
    throw std::runtime_error{"a worker failed: " + task};
  auto result = parsed.get<figures>();
  if (result.failures > 0)
    throw std::runtime_error{std::to_string(result.failures) + " requests failed: " + task};
  return result;
}

row make_row(std::string name, const metric& what, const std::vector<double>& magna,
             const std::vector<double>& baseline) {
  const auto worst = what.more_is_better ? 0.01 : 0.99;
  row made{.name = std::move(name),
           .metric = what.name,
           .unit = what.unit,
           .magna = quantile(magna, 0.5),
           .magna_p99 = quantile(magna, worst),
           .baseline = quantile(baseline, 0.5),
           .baseline_p99 = quantile(baseline, worst),
           .goal = what.goal};
  made.ratio = made.baseline != 0 ? made.magna / made.baseline : 0;
  return made;
}

std::vector<row> run_rounds(const std::string& bench, int rounds, std::vector<comparison> all) {
  std::erase_if(all, [&](const comparison& x) { return !enough_descriptors(bench, x); });
  using samples = std::vector<double>;
  // By comparison, then by metric.
  std::vector<std::vector<std::pair<samples, samples>>> taken;
  taken.reserve(all.size());
  for (const auto& x : all)
    taken.emplace_back(x.metrics.size());
  for (int round = 1; round <= rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& x = all[i];
      show_progress(bench + ": round " + std::to_string(round) + " of " + std::to_string(rounds) + ", "
                    + x.name);
      // Who goes first changes, so that a machine that warms up or tires favours nobody.
      const auto turn = round % 2 == 0;
      auto first = run_in_process(turn ? x.magna : x.baseline);
      auto second = run_in_process(turn ? x.baseline : x.magna);
      const auto& ours = turn ? first : second;
      const auto& theirs = turn ? second : first;
      for (std::size_t k = 0; k < x.metrics.size(); ++k) {
        taken[i][k].first.push_back(x.metrics[k].of(ours, x.magna));
        taken[i][k].second.push_back(x.metrics[k].of(theirs, x.baseline));
      }
    }
  }
  end_progress();
  std::vector<row> result;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < all[i].metrics.size(); ++k)
      result.push_back(make_row(all[i].name, all[i].metrics[k], taken[i][k].first, taken[i][k].second));
  return result;
}

} // namespace magna::bench
