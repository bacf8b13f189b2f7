#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <variant>

#include <magna/actors/runtime.hpp>
#include <magna/app/ask.hpp>
#include <magna/app/command_line.hpp>
#include <magna/app/demo.hpp>
#include <magna/app/embed.hpp>
#include <magna/app/exit_status.hpp>
#include <magna/app/health.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/node.hpp>
#include <magna/app/prompt.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/simulate.hpp>
#include <magna/app/status.hpp>
#include <magna/app/terminal.hpp>
#include <magna/providers/transport/own_limits.hpp>
#include <magna/simulator/scenario.hpp>

#include <unistd.h>

namespace {

using namespace magna::app;

/// Runs the command that the command line names.
struct runner {
  int operator()(const information& what) const {
    std::fputs(what.text.c_str(), stdout);
    return exit_ok;
  }
  int operator()(const ask_options& what) const { return run_ask(what); }
  int operator()(const embed_options& what) const { return run_embed(what); }
  int operator()(const demo_options& what) const { return run_demo(what); }
  int operator()(const health_options& what) const { return run_health(what); }
  int operator()(const node_options& what) const { return run_node(what); }
  int operator()(const simulate_options& what) const { return run_simulate(what); }
  int operator()(const status_options& what) const { return run_status(what); }
  int operator()(const drain_options& what) const { return run_drain(what); }
};

void complain(const std::string& text) {
  std::fprintf(stderr, "magna: %s\n", text.c_str());
}

/// "; raise ulimit ..." where this process has reached a limit; else nothing.
std::string remedy(const std::error_code& problem) {
  if (problem.category() != std::generic_category() && problem.category() != std::system_category())
    return {};
  auto limit = magna::thread_limit_of(problem.value());
  if (limit == magna::own_limit::none)
    limit = magna::own_limit_of(problem.value());
  const auto text = magna::remedy_of(limit);
  return text.empty() ? text : "; " + text;
}

/// What all commands print ends here: a full disk must not look like success. A reader that went away, as `head`
/// does, wants no word of it.
int with_stdout_written(int status) {
  if (status != exit_ok || (std::fflush(stdout) == 0 && std::ferror(stdout) == 0))
    return status;
  if (!is_reader_gone(STDOUT_FILENO))
    complain("can't write to standard output");
  return exit_failure;
}

} // namespace

int main(int argc, char** argv) {
  reserve_standard_descriptors();
  ignore_broken_pipes();
  try {
    const auto command = parse_command_line(argc, argv);
    magna::init_types();
    return with_stdout_written(std::visit(runner{}, command));
  } catch (const usage_error& error) {
    std::fputs(error.what(), stderr);
    return exit_usage;
  } catch (const magna::config::config_error& error) {
    for (const auto& problem : error.errors())
      complain(problem);
    magna::app::show_warnings(error.warnings());
    return exit_usage;
  } catch (const prompt_error& error) {
    complain(error.what());
    return exit_usage;
  } catch (const magna::simulator::scenario_error& error) {
    complain(error.what());
    return exit_usage;
  } catch (const std::system_error& error) {
    complain(error.what() + remedy(error.code()));
    return exit_failure;
  } catch (const std::exception& error) {
    complain(error.what());
    return exit_failure;
  }
}
