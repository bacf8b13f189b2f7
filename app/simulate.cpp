#include <magna/app/simulate.hpp>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <magna/app/exit_status.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/wakeup.hpp>
#include <magna/simulator/server.hpp>

#include <poll.h>

namespace magna::app {

int run_simulate(const simulate_options& options) {
  simulator::server_options what;
  what.port = options.port;
  if (!options.scenario_file.empty())
    what.scenario = simulator::load_scenario(options.scenario_file);
  else if (!options.steps.empty())
    what.scenario = simulator::parse_scenario(options.steps);
  what.log = [](std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  };
  simulator::raise_open_file_limit();

  const wakeup stop;
  const cancel_signals signals{stop};
  std::optional<signal_shield> shield{std::in_place};
  simulator::server server{std::move(what)};
  shield.reset();

  using simulator::protocol;
  std::printf("# Ready; Ctrl-C ends it. In another terminal:\n"
              "export GEMINI_BASE_URL=%s GEMINI_API_KEY=simulator\n"
              "export OPENAI_BASE_URL=%s OPENAI_API_KEY=simulator\n"
              "export ANTHROPIC_BASE_URL=%s ANTHROPIC_API_KEY=simulator\n"
              "export OLLAMA_BASE_URL=%s ENABLE_LOCAL_MODELS=true\n",
              server.url(protocol::gemini).c_str(), server.url(protocol::openai).c_str(),
              server.url(protocol::anthropic).c_str(), server.url(protocol::ollama).c_str());
  std::fflush(stdout);

  while (!signals.raised()) {
    pollfd watched{.fd = stop.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, -1) == -1 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "poll"};
  }
  server.stop();
  return exit_ok;
}

} // namespace magna::app
