#include <magna/bench/machine.hpp>

#include <array>
#include <fstream>
#include <sstream>
#include <string>

#include <ctime>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace magna::bench {

namespace {

constexpr int priority = -10;

} // namespace

std::vector<int> usable_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  std::vector<int> result;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &allowed))
        result.push_back(core);
  if (result.empty())
    result.push_back(0);
  return result;
}

int upstream_core() {
  return usable_cores().back();
}

int measured_core() {
  return usable_cores().front();
}

void stay_on(int core) {
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  CPU_SET(core, &wanted);
  sched_setaffinity(0, sizeof(wanted), &wanted);
}

bool raise_priority() {
  return setpriority(PRIO_PROCESS, 0, priority) == 0;
}

void raise_priority_of_session() {
  if (getpriority(PRIO_PROCESS, 0) != priority || setsid() < 0)
    return;
  const auto file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (file < 0)
    return;
  constexpr std::array text{'-', '1', '0'};
  // Where it is refused, all goes on as before.
  [[maybe_unused]] const auto written = write(file, text.data(), text.size());
  close(file);
}

double cpu_us_of(pid_t process) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0)
    return 0;
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

std::vector<core_times> read_core_times() {
  const auto us_per_tick = 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::vector<core_times> result;
  std::ifstream in{"/proc/stat"};
  for (std::string line; std::getline(in, line);) {
    // "cpu0 USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ..."; the line before has the sum of all.
    if (!line.starts_with("cpu") || line.starts_with("cpu "))
      continue;
    std::istringstream fields{line.substr(3)};
    std::size_t core = 0;
    double user = 0;
    double nice = 0;
    double system = 0;
    double idle = 0;
    double io_wait = 0;
    double irq = 0;
    double soft_irq = 0;
    double steal = 0;
    fields >> core >> user >> nice >> system >> idle >> io_wait >> irq >> soft_irq >> steal;
    if (result.size() <= core)
      result.resize(core + 1);
    result[core] = {.busy = (user + nice + system + irq + soft_irq) * us_per_tick,
                    .stolen = steal * us_per_tick};
  }
  return result;
}

} // namespace magna::bench
