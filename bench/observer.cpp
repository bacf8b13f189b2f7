#include <magna/bench/observer.hpp>

#include <algorithm>
#include <utility>

namespace magna::bench {

bool disturbance::is_too_much() const noexcept {
  constexpr double limit = 0.1;
  return other > limit || stolen > limit;
}

observer::observer(scope cores, pid_t upstream, std::vector<pid_t> on_measured_core)
  : cores_(cores), upstream_(upstream), own_(std::move(on_measured_core)), began_(look()) {}

disturbance observer::stop(double worker_cpu_us) const {
  const auto end = look();
  const auto wall_us = std::chrono::duration<double, std::micro>(end.now - began_.now).count();
  const auto upstream_us = end.upstream_cpu_us - began_.upstream_cpu_us;
  const auto measured_us = worker_cpu_us + end.other_own_cpu_us - began_.other_own_cpu_us;
  const auto since = [&](int core) {
    const auto at = static_cast<std::size_t>(core);
    if (at >= end.cores.size() || at >= began_.cores.size())
      return core_times{};
    return core_times{.busy = end.cores[at].busy - began_.cores[at].busy,
                      .stolen = end.cores[at].stolen - began_.cores[at].stolen};
  };
  disturbance result;
  const auto all = usable_cores();
  if (cores_ == scope::measured_core && all.size() > 1) {
    const auto measured = since(measured_core());
    result.other = (measured.busy - measured_us) / wall_us;
    result.stolen = measured.stolen / wall_us;
  } else if (cores_ == scope::both_cores && all.size() > 1) {
    const auto measured = since(measured_core());
    const auto upstream = since(upstream_core());
    result.other = std::max(measured.busy - measured_us, upstream.busy - upstream_us) / wall_us;
    result.stolen = std::max(measured.stolen, upstream.stolen) / wall_us;
  } else {
    core_times sum;
    for (const auto core : all) {
      sum.busy += since(core).busy;
      sum.stolen += since(core).stolen;
    }
    const auto time_of_all = wall_us * static_cast<double>(all.size());
    result.other = (sum.busy - measured_us - upstream_us) / time_of_all;
    result.stolen = sum.stolen / time_of_all;
  }
  result.other = std::clamp(result.other, 0.0, 1.0);
  return result;
}

observer::moment observer::look() const {
  moment result{.now = std::chrono::steady_clock::now(), .cores = read_core_times()};
  if (upstream_ > 0)
    result.upstream_cpu_us = cpu_us_of(upstream_);
  for (const auto process : own_)
    result.other_own_cpu_us += cpu_us_of(process);
  return result;
}

} // namespace magna::bench
