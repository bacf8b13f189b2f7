#include <magna/app/health.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <magna/app/exit_status.hpp>
#include <magna/app/json_lines.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/report.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/terminal.hpp>
#include <magna/client/client.hpp>
#include <magna/text/redact.hpp>

#include <unistd.h>

namespace magna::app {

int run_health(const health_options& options) {
  auto loaded = config::load(options.sources);
  set_up_logging(loaded);
  const auto secrets = loaded.secrets();
  auto& providers = loaded.settings.providers;
  // A chain orders what requests try; here every provider matters, unless the command line says which.
  const auto selected =
    std::ranges::any_of(options.sources.flags, [](const auto& x) { return x.first == "--provider"; });
  if (!selected)
    providers.insert(providers.end(), loaded.others.begin(), loaded.others.end());
  check_tls(options.tls);
  // Blocks the main thread, which has nothing else to do: Ctrl-C simply ends the process.
  auto llm = shielded([&] { return client{loaded.settings, options.tls}; });
  const auto found = llm.check_health(std::chrono::minutes{5});
  if (!found)
    throw std::runtime_error{"the providers can't be probed: " + found.error().message};
  std::string text;
  if (options.json)
    for (const auto& provider : found->providers)
      text += to_json_line(provider);
  else
    text = health_table(found->providers, paint{wants_colour(STDOUT_FILENO)});
  text = redact(text, secrets);
  std::fwrite(text.data(), 1, text.size(), stdout);
  const auto usable = std::ranges::any_of(found->providers, &probe_report::usable);
  return usable ? exit_ok : exit_failure;
}

} // namespace magna::app
