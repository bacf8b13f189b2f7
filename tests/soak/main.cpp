// magna-soak: mixed traffic with random faults, cancellations and crashes against the simulator, then the
// account. See CONTRIBUTING.md.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/actors/runtime.hpp>
#include <magna/tests/soak/soak.hpp>

namespace {

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file{path};
  if (!(file << text).flush())
    throw std::runtime_error{path + " can't be written"};
}

int run(double minutes, const magna::soak::soak_options& options, const std::string& report) {
  std::printf("soaking for %g minutes at %g requests/s; seed %llu\n", minutes, options.rate,
              static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  // What it would say of so many failures helps nobody.
  magna::logger()->set_level(spdlog::level::off);
  for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  magna::soak::simulator_process simulator{""};
  magna::simulator::raise_open_file_limit();
  magna::init_types();
  const auto result = magna::soak::run_soak(options, simulator);
  const auto markdown = to_markdown(result);
  if (!report.empty()) {
    write_file(report + ".json", to_json(result));
    write_file(report + ".md", markdown);
  }
  std::printf("\n%s", markdown.c_str());
  return result.passed() ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Soaks magna: mixed traffic with random faults against the simulator, then the account."};
  double minutes = 1;
  magna::soak::soak_options options;
  options.seed = std::random_device{}();
  std::string report;
  app.add_option("MINUTES", minutes, "How long requests are sent (1)")->check(CLI::Range(0.01, 10'000.0));
  app.add_option("--seed", options.seed, "What everything random comes from (a random one)");
  app.add_option("--rate", options.rate, "Requests per second (500)")->check(CLI::Range(1.0, 100'000.0));
  app.add_option("--report", report, "Where the summary is written: FILE.json and FILE.md");
  CLI11_PARSE(app, argc, argv);
  options.duration = std::chrono::seconds{std::llround(minutes * 60)};
  try {
    return run(minutes, options, report);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
