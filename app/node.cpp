#include <magna/app/node.hpp>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <spdlog/spdlog.h>

#include <magna/app/exit_status.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/session.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/wakeup.hpp>

#include <poll.h>
#include <sys/resource.h>

namespace magna::app {

namespace {

void say(const std::string& text) {
  std::fprintf(stderr, "magna: %s\n", text.c_str());
}

/// A connection to a provider and one to a requester need a descriptor each: as many as the system allows.
void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/// The configuration may be broken while somebody edits it: then the old one stays.
void reload(const config::sources& sources, session& where) {
  try {
    const auto loaded = config::load(sources);
    const auto errors = where.llm().reload(loaded.settings);
    for (const auto& error : errors)
      say("the configuration was not reloaded: " + error.to_string());
    if (!errors.empty())
      return;
    set_up_logging(loaded.log_level, loaded.secrets());
    say("configuration reloaded: " + std::to_string(loaded.settings.providers.size()) + " provider(s)");
  } catch (const config::config_error& error) {
    for (const auto& problem : error.errors())
      say("the configuration was not reloaded: " + problem);
  }
}

} // namespace

int run_node(const node_options& options) {
  const auto address = check_listen_address(options.listen, options.tls);
  const auto loaded = config::load(options.sources);
  set_up_logging(loaded.log_level, loaded.secrets());
  raise_descriptor_limit();
  const wakeup wake;
  const cancel_signals signals{wake, hangup::is_reload};
  session where{loaded.settings, &options.tls};
  const auto port = listen(where.system(), where.llm().service(), address, options.tls);
  if (!port)
    throw std::runtime_error{"can't listen on " + to_string(address) + ": " + to_string(port.error())};
  // On stdout, so that a script which asked for any port can read which one it is.
  std::printf("listening on %s%s\n", to_string(node_address{address.host, *port}).c_str(),
              options.tls.enabled() ? " with TLS" : ", for this host only (other hosts need --tls-cert)");
  std::fflush(stdout);
  while (!signals.raised()) {
    pollfd watched{.fd = wake.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, -1) == -1 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "poll"};
    wake.reset();
    if (signals.take_hangup())
      reload(options.sources, where);
  }
  say("draining: running requests have " + std::to_string(loaded.settings.drain_deadline.count() / 1000)
      + " s; a second signal ends them now");
  const auto result = where.llm().shutdown(loaded.settings.drain_deadline);
  say(result.cancelled_requests == 0 ? "drained"
                                     : "drained; " + std::to_string(result.cancelled_requests)
                                         + " request(s) were cancelled at the deadline");
  return exit_ok;
}

} // namespace magna::app
