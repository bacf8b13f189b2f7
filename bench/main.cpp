#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <magna/bench/benches.hpp>
#include <magna/bench/node_process.hpp>
#include <magna/bench/report.hpp>
#include <magna/bench/subjects.hpp>
#include <magna/bench/upstream.hpp>

namespace magna::bench {

const std::vector<bench>& all_benches() {
  static const std::vector<bench> all{
    {"request", "Whole answers: magna and libcurl's multi interface alone", bench_request},
    {"stream", "Streams of 100 chunks, and paced ones: magna and libcurl's multi interface alone",
     bench_stream},
    {"idle_streams", "Open streams with a token a second: magna and libcurl's multi interface alone",
     bench_idle_streams},
    {"scheduler",
     "One request on an idle system, by CAF's scheduler: magna and libcurl's multi interface alone",
     bench_scheduler},
    {"parse", "From bytes to text: magna's decoders and JSON libraries", bench_parse},
    {"remote", "Streams through a node of another process, and in the same process", bench_remote},
    {"growth", "What grows with the load: the larger one, and its baseline", bench_growth},
  };
  return all;
}

namespace {

/// A stream needs a descriptor here, and one at the upstream.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// The upstream has the last core for itself, and libcurl alone all others. magna's threads may be on any:
/// they are more than the cores. Without this, the system may put client and upstream on one core, where they
/// answer each other three times as fast: a matter of luck that has nothing to do with either.
void stay_on(bool last_core) {
  const auto cores = std::min<long>(sysconf(_SC_NPROCESSORS_ONLN), CPU_SETSIZE);
  if (cores < 2)
    return;
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  for (long i = 0; i < cores; ++i)
    if ((i == cores - 1) == last_core)
      CPU_SET(i, &wanted);
  sched_setaffinity(0, sizeof(wanted), &wanted);
}

figures run_load(const load& what) {
  if (what.subject == "raw") {
    stay_on(false);
    return run_raw(what);
  }
  if (what.subject == "transport")
    return run_transport(what);
  if (what.subject == "remote")
    return run_remote(what);
  return run_magna(what);
}

int run_benches(const std::vector<std::string>& names, const effort& how, const std::filesystem::path& out) {
  const upstream_process upstream;
  bool good = true;
  for (const auto& x : all_benches()) {
    if (!names.empty() && std::ranges::find(names, x.name) == names.end())
      continue;
    const auto rows = x.run(upstream.url(), how);
    std::fputs((table_of(x.name + ": " + x.title, rows) + "\n").c_str(), stdout);
    std::fflush(stdout);
    write_json(out, x.name, how.rounds, rows);
    good = good && std::ranges::all_of(rows, &row::met);
  }
  std::printf("%s; written to %s\n", good ? "All targets are met" : "Some targets are missed", out.c_str());
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Measures magna against libcurl alone, each run in a process of its own, in turns."};
  std::string known;
  std::vector<std::string> all_names;
  for (const auto& x : all_benches()) {
    all_names.push_back(x.name);
    known += (known.empty() ? "" : ", ") + x.name;
  }
  std::vector<std::string> names;
  effort how;
  bool quick = false;
  std::filesystem::path out = "build/bench";
  std::string worker;
  std::string node;
  bool is_upstream = false;
  app.add_option("names", names, "Which benches; all if none is named: " + known)
    ->option_text("[NAME]...")
    ->check(CLI::IsMember(all_names).description(""));
  app.add_option("--rounds", how.rounds, "How often each case is run; the table shows medians (default: 5)")
    ->option_text("N")
    ->check(CLI::Range(1, 1'000).description(""));
  app.add_flag("--quick", quick, "A tenth of the requests: to see that all runs, not to measure");
  app.add_option("--output", out, "Where NAME.json is written (default: build/bench)")->option_text("DIR");
  app.add_option("--worker", worker)->group("");
  app.add_option("--node", node)->group("");
  app.add_flag("--upstream", is_upstream)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  raise_descriptor_limit();
  if (is_upstream) {
    stay_on(true);
    serve();
  }
  if (!node.empty())
    run_node(nlohmann::json::parse(node).get<load>());
  if (!worker.empty()) {
    std::printf("%s\n", nlohmann::json(run_load(nlohmann::json::parse(worker).get<load>())).dump().c_str());
    return 0;
  }
  if (quick)
    how.scale = 0.1;
  return run_benches(names, how, out);
}

} // namespace

} // namespace magna::bench

int main(int argc, char** argv) {
  try {
    return magna::bench::run(argc, argv);
  } catch (const std::exception& what) {
    magna::bench::end_progress();
    std::fprintf(stderr, "magna-bench: %s\n", what.what());
    return 1;
  }
}
