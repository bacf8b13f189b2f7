#include <magna/app/health.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>

#include <caf/scoped_actor.hpp>

#include <magna/app/exit_status.hpp>
#include <magna/app/json_lines.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/report.hpp>
#include <magna/app/session.hpp>
#include <magna/app/terminal.hpp>
#include <magna/messages/types.hpp>
#include <magna/text/redact.hpp>

#include <unistd.h>

namespace magna::app {

namespace {

/// Blocks the main thread, which has nothing else to do: Ctrl-C simply ends the process.
health_report probe_all(session& where) {
  health_report result;
  std::optional<caf::error> problem;
  caf::scoped_actor self{where.system()};
  blocking_request(self, where.llm().service(), caf::infinite, check_health{})
    .receive([&](const health_report& report) { result = report; },
             [&](const caf::error& reason) { problem = reason; });
  if (problem)
    throw std::runtime_error{"the providers can't be probed: " + to_string(*problem)};
  return result;
}

} // namespace

int run_health(const health_options& options) {
  auto loaded = config::load(options.sources);
  set_up_logging(loaded.log_level, loaded.secrets());
  const auto secrets = loaded.secrets();
  auto& providers = loaded.settings.providers;
  // A chain orders what requests try; here every provider matters, unless the command line says which.
  const auto selected =
    std::ranges::any_of(options.sources.flags, [](const auto& x) { return x.first == "--provider"; });
  if (!selected)
    providers.insert(providers.end(), loaded.others.begin(), loaded.others.end());
  check_tls(options.tls);
  session where{loaded.settings, options.tls};
  const auto report = probe_all(where);
  std::string text;
  if (options.json)
    for (const auto& provider : report.providers)
      text += to_json_line(provider);
  else
    text = health_table(report.providers, paint{wants_colour(STDOUT_FILENO)});
  text = redact(text, secrets);
  std::fwrite(text.data(), 1, text.size(), stdout);
  const auto usable = std::ranges::any_of(report.providers, &probe_report::usable);
  return usable ? exit_ok : exit_failure;
}

} // namespace magna::app
