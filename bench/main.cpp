#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <magna/bench/benches.hpp>
#include <magna/bench/machine.hpp>
#include <magna/bench/node_process.hpp>
#include <magna/bench/report.hpp>
#include <magna/bench/subjects.hpp>
#include <magna/bench/upstream.hpp>

namespace magna::bench {

const std::vector<bench>& all_benches() {
  static const std::vector<bench> all{
    {"request", "whole answers; the baseline is libcurl alone", bench_request},
    {"stream", "streams of 100 chunks that come at once, and paced ones; the baseline is libcurl alone",
     bench_stream},
    {"idle_streams", "open streams with a token a second; the baseline is libcurl alone", bench_idle_streams},
    {"beside", "a request while other streams are open and silent; the baseline is the same request alone",
     bench_beside},
    {"remote", "through a node, CPU of both processes; the baseline is one process that has both",
     bench_remote},
    {"growth", "what grows with the load; the baseline is libcurl alone, or the smaller load", bench_growth},
    {"scheduler", "threads of the runtime; the baseline is libcurl alone", bench_scheduler},
    {"parse", "from bytes to text; the baseline is a JSON library, or memchr", bench_parse},
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

/// A worker that hangs has lost a request.
constexpr unsigned longest_run_s = 300;

/// Before the process has a thread that could run elsewhere.
void take_place(const load& what) {
  if (what.one_core)
    stay_on(measured_core());
}

figures run_load(const load& what) {
  if (what.subject == "raw")
    return run_raw(what);
  if (what.subject == "transport")
    return run_transport(what);
  if (what.subject == "remote")
    return run_remote(what);
  if (what.subject == "coroutines" || what.subject == "threads")
    return run_client(what);
  return run_actors(what);
}

std::string header(const effort& how, bool has_priority) {
  const auto cores = usable_cores();
  auto text = "Cores: " + std::to_string(cores.size());
  if (cores.size() > 1)
    text += "; what is measured has core " + std::to_string(measured_core()) + ", the upstream core "
            + std::to_string(upstream_core()) + ", in rows of \"all cores\" the former has all";
  text += std::string{"; priority: "} + (has_priority ? "raised" : "as usual (no permission to raise it)");
  return text + "; rounds: " + std::to_string(how.rounds);
}

int run_benches(const std::vector<std::string>& names, const effort& how, const std::filesystem::path& out) {
  std::printf("%s\n\n", header(how, raise_priority()).c_str());
  const upstream_process upstream;
  bool good = true;
  for (const auto& x : all_benches()) {
    if (!names.empty() && std::ranges::find(names, x.name) == names.end())
      continue;
    runner on{upstream, how};
    const auto rows = x.run(on);
    std::printf("%s  %s\n\n", table_of(x.name + ": " + x.title, rows).c_str(), text_of_others(on).c_str());
    std::fflush(stdout);
    write_json(out, x.name, rows, on);
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
  app.add_flag("--quick", quick, "A twentieth of the requests: to see that all runs, not to measure");
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
    stay_on(upstream_core());
    serve();
  }
  if (!node.empty()) {
    const auto what = nlohmann::json::parse(node).get<load>();
    take_place(what);
    run_node(what);
  }
  if (!worker.empty()) {
    const auto what = nlohmann::json::parse(worker).get<load>();
    take_place(what);
    alarm(longest_run_s);
    std::printf("%s\n", nlohmann::json(run_load(what)).dump().c_str());
    return 0;
  }
  if (quick) {
    how.scale = 0.05;
    how.repeat = false;
  }
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
