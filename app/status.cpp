#include <magna/app/status.hpp>

#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/const_typed_message_view.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <magna/app/exit_status.hpp>
#include <magna/app/json_lines.hpp>
#include <magna/app/logging.hpp>
#include <magna/app/network_flags.hpp>
#include <magna/app/report.hpp>
#include <magna/app/session.hpp>
#include <magna/app/signals.hpp>
#include <magna/app/terminal.hpp>
#include <magna/app/wakeup.hpp>
#include <magna/config/load.hpp>
#include <magna/messages/error_text.hpp>
#include <magna/messages/types.hpp>
#include <magna/node/dialer.hpp>

#include <poll.h>
#include <unistd.h>

namespace magna::app {

namespace {

using namespace std::chrono_literals;

/// How long a node may take to connect or to answer.
constexpr auto patience = 5s;

/// A node that commands talk to from the main thread, which has nothing else to do.
class remote_node {
public:
  remote_node(caf::actor_system& sys, const node_address& where, const tls_files& tls)
    : self_(sys), address_(to_string(where)), dialer_(dialers_.start(sys, where, tls)) {}
  ~remote_node() { caf::anon_send_exit(dialer_, caf::exit_reason::user_shutdown); }
  remote_node(const remote_node&) = delete;
  remote_node& operator=(const remote_node&) = delete;

  const std::string& address() const noexcept { return address_; }
  /// Why there is no answer.
  const std::string& problem() const noexcept { return problem_; }

  template <class Result, class Message>
  std::optional<Result> ask(const Message& what, caf::timespan time) {
    if (!node_)
      request(dialer_, patience, dial{}, [this](const node_actor& found) { node_ = found; });
    std::optional<Result> result;
    if (node_)
      request(node_, time, what, [&result](const Result& answer) { result = answer; });
    return result;
  }

private:
  template <class Handle, class Message, class F>
  void request(const Handle& whom, caf::timespan time, const Message& what, F use) {
    problem_.clear();
    blocking_request(self_, whom, time, what).receive(use, [this](const caf::error& reason) {
      node_ = nullptr;
      const auto text = error_text(reason);
      problem_ = text.find(address_) != std::string::npos ? text : "node " + address_ + ": " + text;
    });
  }

  caf::scoped_actor self_;
  std::string address_;
  dialers dialers_;
  dialer_actor dialer_;
  node_actor node_;
  std::string problem_;
};

std::vector<std::unique_ptr<remote_node>> open(actor_host& host, const std::string& nodes,
                                               const tls_files& tls) {
  std::vector<std::unique_ptr<remote_node>> result;
  for (const auto& where : check_node_addresses(nodes))
    result.push_back(std::make_unique<remote_node>(host.system(), where, tls));
  return result;
}

bool write(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// Erases what an older, longer line has left.
std::string with_erased_line_ends(const std::string& text) {
  std::string result;
  for (const auto c : text) {
    if (c == '\n')
      result += "\x1b[K";
    result += c;
  }
  return result;
}

void complain(const std::string& problem) {
  std::fprintf(stderr, "magna: %s\n", problem.c_str());
}

} // namespace

int run_status(const status_options& options) {
  check_tls(options.tls);
  check_node_addresses(options.nodes);
  set_up_logging("off", {});
  const wakeup wake;
  const cancel_signals signals{wake};
  actor_host host{&options.tls};
  const auto nodes = open(host, options.nodes, options.tls);
  const paint style{!options.json && wants_colour(STDOUT_FILENO)};
  const bool in_place = options.watch && !options.json && is_terminal(STDOUT_FILENO);
  for (bool all_answered = true;;) {
    all_answered = true;
    std::string text;
    std::vector<std::string> problems;
    for (const auto& x : nodes) {
      if (const auto status = x->ask<node_status>(get_node_status{}, patience)) {
        text += options.json ? to_json_line(*status, x->address())
                             : status_report_text(*status, x->address(), style);
        continue;
      }
      all_answered = false;
      if (options.json)
        text += unreachable_json_line(x->address(), x->problem());
      else if (options.watch)
        text += style.red("unreachable") + "  " + x->problem() + "\n";
      else
        problems.push_back(x->problem());
    }
    // Home, then every line over the old one, then the rest of the screen away: nothing flickers. What does
    // not fit in a line is cut off, not wrapped.
    if (in_place)
      text = "\x1b[H\x1b[?7l" + with_erased_line_ends(text) + "\x1b[J\x1b[?7h";
    if (!write(text)) {
      std::perror("magna: can't write to standard output");
      return exit_failure;
    }
    for (const auto& problem : problems)
      complain(problem);
    if (!options.watch)
      return all_answered ? exit_ok : exit_failure;
    pollfd watched{.fd = wake.fd(), .events = POLLIN, .revents = 0};
    ::poll(&watched, 1, static_cast<int>(options.interval.count()));
    if (signals.raised())
      return exit_cancelled;
  }
}

int run_drain(const drain_options& options) {
  check_tls(options.tls);
  check_node_addresses(options.nodes);
  if (!(options.seconds >= 0 && options.seconds <= 86'400))
    throw config::config_error{{"--deadline is not allowed; allowed: seconds, from 0 to 86400"}};
  set_up_logging("off", {});
  actor_host host{&options.tls};
  bool all_well = true;
  const auto deadline = std::chrono::milliseconds{std::lround(options.seconds * 1000)};
  for (const auto& x : open(host, options.nodes, options.tls)) {
    const auto result = x->ask<drained>(drain{deadline}, deadline + patience);
    if (!result) {
      complain(x->problem());
      all_well = false;
      continue;
    }
    const auto cancelled = result->cancelled_requests;
    std::printf("%s drained%s\n", x->address().c_str(),
                cancelled == 0 ? ""
                               : ("; " + std::to_string(cancelled) + " request(s) were cancelled").c_str());
    all_well = all_well && cancelled == 0;
  }
  return all_well ? exit_ok : exit_failure;
}

} // namespace magna::app
