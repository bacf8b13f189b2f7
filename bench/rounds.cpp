#include <magna/bench/rounds.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <utility>

#include <sys/resource.h>

#include <magna/bench/quantile.hpp>

namespace magna::bench {

namespace {

/// A connection needs a descriptor here and one at the upstream. Says so where the limit is too low.
bool enough_descriptors(const std::string& bench, const comparison& what) {
  constexpr rlim_t other = 200;
  rlim_t needed = other;
  for (const auto& x : what.contenders)
    needed = std::max(needed, x.what.in_flight + other);
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

/// All that the loads of a comparison have shown: first those of the baselines, then those of the contenders.
struct series {
  std::vector<const load*> loads;
  std::vector<std::vector<outcome>> rounds;

  explicit series(const comparison& of) {
    for (const auto& x : of.baselines)
      loads.push_back(&x);
    for (const auto& x : of.contenders)
      loads.push_back(&x.what);
    rounds.resize(loads.size());
  }

  std::vector<double> values(std::size_t at, const metric& what) const {
    std::vector<double> result;
    for (const auto& x : rounds[at])
      result.push_back(what.of(x.got, *loads[at]));
    return result;
  }

  std::size_t disturbed(std::size_t at) const {
    return static_cast<std::size_t>(
      std::ranges::count_if(rounds[at], [](const outcome& x) { return x.others.is_too_much(); }));
  }
};

std::size_t best_baseline(const comparison& of, const series& taken) {
  const auto& what = of.contenders.front().metrics.front();
  std::size_t best = 0;
  double value = 0;
  for (std::size_t i = 0; i < of.baselines.size(); ++i) {
    const auto median = quantile(taken.values(i, what), 0.5);
    if (i == 0 || (what.more_is_better ? median > value : median < value)) {
      best = i;
      value = median;
    }
  }
  return best;
}

void add_rows(const comparison& of, const series& taken, std::vector<row>& result) {
  const auto base = best_baseline(of, taken);
  const auto name = base < of.names_of_baselines.size() ? of.name + of.names_of_baselines[base] : of.name;
  for (std::size_t i = 0; i < of.contenders.size(); ++i) {
    const auto& x = of.contenders[i];
    const auto at = of.baselines.size() + i;
    for (const auto& what : x.metrics) {
      auto made = make_row(name, x.who, what, taken.values(at, what), taken.values(base, what));
      made.disturbed = taken.disturbed(at) + taken.disturbed(base) >= taken.rounds[at].size();
      result.push_back(std::move(made));
    }
  }
}

} // namespace

bool row::met() const noexcept {
  if (!goal)
    return true;
  const auto value = goal->of_ratio ? ratio : magna;
  return goal->at_least ? value >= goal->limit : value <= goal->limit;
}

row make_row(std::string name, std::string who, const metric& what, const std::vector<double>& magna,
             const std::vector<double>& baseline) {
  const auto worst = what.more_is_better ? 0.0 : 1.0;
  row made{.name = std::move(name),
           .who = std::move(who),
           .metric = what.name,
           .unit = what.unit,
           .magna = quantile(magna, 0.5),
           .magna_worst = quantile(magna, worst),
           .baseline = quantile(baseline, 0.5),
           .baseline_worst = quantile(baseline, worst),
           .goal = what.goal};
  made.ratio = made.baseline != 0 ? made.magna / made.baseline : 0;
  return made;
}

std::vector<row> run_rounds(runner& on, const std::string& bench, std::vector<comparison> all) {
  std::erase_if(all, [&](const comparison& x) { return !enough_descriptors(bench, x); });
  std::vector<series> taken;
  taken.reserve(all.size());
  for (const auto& x : all)
    taken.emplace_back(x);
  const auto rounds = on.how().rounds;
  for (int round = 1; round <= rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      show_progress(bench + ": round " + std::to_string(round) + " of " + std::to_string(rounds) + ", "
                    + all[i].name);
      auto& mine = taken[i];
      // Which goes first changes, so that a machine that warms up or tires favours none.
      for (std::size_t k = 0; k < mine.loads.size(); ++k) {
        const auto at = round % 2 == 0 ? mine.loads.size() - 1 - k : k;
        mine.rounds[at].push_back(on.run(*mine.loads[at]));
      }
    }
  }
  end_progress();
  std::vector<row> result;
  for (std::size_t i = 0; i < all.size(); ++i)
    add_rows(all[i], taken[i], result);
  return result;
}

} // namespace magna::bench
