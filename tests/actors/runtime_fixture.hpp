#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <magna/actors/health/health_observer.hpp>
#include <magna/actors/observers/log_observer.hpp>
#include <magna/actors/supervision/supervisor.hpp>
#include <magna/tests/support/test.hpp>

#include "fake_transport.hpp"

namespace magna::test {

/// What a requester got, in order.
struct received {
  std::vector<started> starts;
  std::vector<chunk> chunks;
  std::vector<completion> completions;
  std::vector<failure> failures;

  std::string text() const {
    std::string result;
    for (const auto& x : chunks)
      result += x.text();
    return result;
  }
  std::size_t ends() const { return completions.size() + failures.size(); }
};
using received_ptr = std::shared_ptr<received>;

/// "provider error" of each attempt.
inline std::vector<std::string> trail(const std::vector<attempt_record>& attempts) {
  std::vector<std::string> result;
  for (const auto& x : attempts)
    result.push_back(x.provider + " " + (x.error ? to_string(*x.error) : "ok"));
  return result;
}

/// Notes what it receives.
struct requester_state {
  using handle_type = requester_actor;
  static constexpr const char* name = "test.requester";

  requester_state(self_pointer<requester_actor> self, received_ptr log) : self_(self), log_(std::move(log)) {}

  requester_actor::behavior_type make_behavior() {
    return {
      [this](const started& x) { log_->starts.push_back(x); },
      [this](const chunk& x) { log_->chunks.push_back(x); },
      [this](const completion& x) { log_->completions.push_back(x); },
      [this](const failure& x) { log_->failures.push_back(x); },
    };
  }

  self_pointer<requester_actor> self_;
  received_ptr log_;
};

struct event_log_state {
  using handle_type = health_subscriber_actor;
  static constexpr const char* name = "test.event_log";

  event_log_state(self_pointer<health_subscriber_actor> self, std::shared_ptr<std::vector<health_event>> log)
    : self_(self), log_(std::move(log)) {}

  health_subscriber_actor::behavior_type make_behavior() {
    return {[this](const health_event& x) { log_->push_back(x); }};
  }

  self_pointer<health_subscriber_actor> self_;
  std::shared_ptr<std::vector<health_event>> log_;
};

/// The whole runtime in virtual time on a fake transport: three providers that speak OpenAI's protocol on the
/// hosts "one", "two" and "three".
class runtime_fixture : public deterministic {
public:
  runtime_fixture() {
    for (const auto* name : {"one", "two", "three"}) {
      provider_settings made;
      made.name = name;
      made.kind = provider_kind::openai;
      made.base_url = std::string{"http://"} + name + "/v1";
      made.model = "m";
      made.keys = {std::string{"key-of-"} + name};
      config.providers.push_back(made);
    }
  }

  ~runtime_fixture() override {
    if (supervisor)
      inject_exit(supervisor, caf::exit_reason::kill);
    table->clear();
  }

  /// Call after the last change of `config`.
  void start() {
    std::vector<std::shared_ptr<observer>> all{std::make_shared<health_observer>(table),
                                               std::make_shared<log_observer>()};
    all.insert(all.end(), watchers.begin(), watchers.end());
    supervisor = spawn_state<supervisor_state>(
      sys, runtime_context{.config = std::make_shared<const settings>(config),
                           .table = table,
                           .http = http,
                           .subscribers = subscribers,
                           .watchers = std::make_shared<const observers>(std::move(all)),
                           .alarms = alarms});
    dispatch_messages();
  }

  /// Sends a request with a requester of its own.
  received_ptr ask_stream(request what) {
    auto log = std::make_shared<received>();
    requester = spawn_state<requester_state>(sys, log);
    const auto response = ask<accepted>(table->orchestrator(), what, requester);
    opened = response ? std::optional{*response} : std::nullopt;
    refusal = response ? caf::error{} : response.error();
    return log;
  }

  received_ptr ask_stream(const std::string& prompt) { return ask_stream(make_request(prompt)); }

  static request make_request(const std::string& prompt) {
    request result;
    result.messages.push_back({role::user, prompt});
    return result;
  }

  /// Lets virtual time pass in steps small enough for timers that arm each other.
  void pass(std::chrono::milliseconds time, std::chrono::milliseconds step = std::chrono::milliseconds{100}) {
    for (auto left = time; left.count() > 0; left -= step) {
      advance_time(std::min(left, step));
      dispatch_messages();
    }
  }

  /// What would still wake somebody.
  std::size_t pending_timers() {
    return alarms->pending() + num_timeouts() - static_cast<std::size_t>(alarms->armed());
  }

  status_report status_now() { return *ask<status_report>(table->orchestrator(), get_status{}); }

  provider_status status_of(std::string_view name) {
    for (const auto& x : status_now().providers)
      if (x.name == name)
        return x;
    return {};
  }

  settings config;
  routing_table_ptr table = std::make_shared<routing_table>();
  std::shared_ptr<health_subscribers> subscribers = std::make_shared<health_subscribers>();
  /// Beside magna's own; called on the actors' threads.
  std::vector<std::shared_ptr<observer>> watchers;
  std::shared_ptr<alarm_clock> alarms = std::make_shared<alarm_clock>(sys);
  std::shared_ptr<fake_transport> http = std::make_shared<fake_transport>();
  supervisor_actor supervisor;
  requester_actor requester;
  /// The response to the last ask_stream, or why there is none.
  std::optional<accepted> opened;
  caf::error refusal;
};

} // namespace magna::test
