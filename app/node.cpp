#include <magna/app/node.hpp>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <magna/app/exit_status.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/session.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/wakeup.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/node/node_door.hpp>
#include <magna/node/peering.hpp>
#include <magna/providers/transport/own_limits.hpp>
#include <magna/text/duration.hpp>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

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

/// Who runs a node wants to hear of what it refuses and whom it has lost.
void log_as_configured(const config::options& from) {
  set_up_logging(from, "warn");
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
    log_as_configured(loaded);
    say("configuration reloaded: " + std::to_string(loaded.settings.providers.size()) + " provider(s)");
  } catch (const config::config_error& error) {
    for (const auto& problem : error.errors())
      say("the configuration was not reloaded: " + problem);
  }
}

/// Two nodes of a host differ by their ports.
std::string default_name(const node_address& where) {
  char host[256] = "node";
  ::gethostname(host, sizeof host - 1);
  return std::string{host} + ":" + std::to_string(where.port == 0 ? ::getpid() : where.port);
}

/// Ends what others hold handles of: the network does not let go of what it has published.
class ender {
public:
  ender(node_actor door, peering_actor peering) : door_(std::move(door)), peering_(std::move(peering)) {}
  ~ender() {
    caf::anon_send_exit(door_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(peering_, caf::exit_reason::user_shutdown);
  }
  ender(const ender&) = delete;
  ender& operator=(const ender&) = delete;

private:
  node_actor door_;
  peering_actor peering_;
};

} // namespace

int run_node(const node_options& options) {
  const auto address = check_listen_address(options.listen, options.tls);
  std::vector<node_address> peers;
  for (const auto& peer : options.peers)
    for (auto& where : check_node_addresses(peer, "--peer"))
      peers.push_back(std::move(where));
  const auto loaded = config::load(options.sources);
  log_as_configured(loaded);
  raise_descriptor_limit();
  const wakeup wake;
  const cancel_signals signals{wake, hangup::is_reload};
  // Actors refer to it: it must outlive them.
  std::atomic<bool> drained_by_message{false};
  session where{loaded.settings, options.tls, true};
  const auto name = options.name.empty() ? default_name(address) : options.name;
  auto& system = where.system();
  const auto table = where.llm().context().table;
  const auto peering = spawn_state<peering_state>(
    system, peering_config{.name = name, .peers = peers, .tls = options.tls, .table = table});
  const auto door =
    spawn_state<node_door_state>(system, node_door_config{.name = name,
                                                          .version = MAGNA_VERSION,
                                                          .context = where.llm().context(),
                                                          .service = where.llm().service(),
                                                          .peering = peering,
                                                          .on_drained = [&drained_by_message, &wake] {
                                                            drained_by_message = true;
                                                            wake.wake();
                                                          }});
  const ender actors{door, peering};
  const auto port = listen(system, door, address, options.tls);
  if (!port) {
    const auto limit = descriptor_limit_now();
    throw std::runtime_error{
      "can't listen on " + to_string(address) + ": " + error_text(port.error()) + "; "
      + (limit != own_limit::none ? describe(limit) : "is it taken, or this user not allowed to open it?")};
  }
  // On stdout, so that a script which asked for any port can read which one it is.
  std::printf("listening on %s%s\n", to_string(node_address{address.host, *port}).c_str(),
              options.tls.enabled() ? " with TLS" : ", for this host only (other hosts need --tls-cert)");
  std::fflush(stdout);
  // It serves whether anybody reads that or not.
  std::clearerr(stdout);
  while (!signals.raised() && !drained_by_message) {
    pollfd watched{.fd = wake.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, -1) == -1 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "poll"};
    wake.reset();
    if (signals.take_hangup())
      reload(options.sources, where);
  }
  if (drained_by_message) {
    say("drained on request");
    return exit_ok;
  }
  // A reload may have changed it.
  const auto deadline = table->now()->config->drain_deadline;
  say("draining: running requests have " + readable_duration(deadline) + "; a second signal ends them now");
  const auto result = where.llm().shutdown(deadline);
  say(result.cancelled_requests == 0 ? "drained"
                                     : "drained; " + std::to_string(result.cancelled_requests)
                                         + " request(s) were cancelled at the deadline");
  return exit_ok;
}

} // namespace magna::app
