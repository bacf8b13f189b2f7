#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include <caf/disposable.hpp>
#include <caf/expected.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/providers/attempt.hpp>
#include <magna/actors/providers/key_ring.hpp>
#include <magna/actors/providers/provider_spawner.hpp>
#include <magna/actors/requests/admission_gate.hpp>
#include <magna/actors/requests/request_table.hpp>
#include <magna/actors/settings.hpp>
#include <magna/actors/supervision/directory.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// Names an attempt: unique in the process, so that attempts of an actor that a reload or a crash replaced
/// are told from those of its successor.
std::uint64_t next_attempt_serial() noexcept;

/// What the whole runtime shares.
struct runtime_context {
  /// What its owner goes by; `table->config()` is what new requests go by.
  std::shared_ptr<const settings> config;
  directory_ptr table;
  transport_ptr http;
  std::shared_ptr<request_table> requests = std::make_shared<request_table>();
  /// Null: spawn_provider.
  provider_spawner spawn;
  /// Null: the supervisor makes one.
  std::shared_ptr<alarm_clock> alarms = nullptr;
};

/// A provider that this process asks itself.
provider_actor spawn_provider(caf::actor_system& sys, const runtime_context& context,
                              const provider_settings& config);

/// One configured provider: lets as many attempts run as it may have, chooses the key, remembers what its
/// models refuse, and starts an attempt for each try.
///
///     generation --try_request--> provider --spawns--> attempt
///                                    ^--attempt_ended----'
///
/// Supervised: restarted with its configuration when it crashes. Its attempts end with it.
class provider_state {
public:
  using handle_type = provider_actor;
  static constexpr const char* name = "magna.provider";

  provider_state(self_pointer<provider_actor> self, runtime_context context, provider_settings config);
  ~provider_state();

  provider_state(const provider_state&) = delete;
  provider_state& operator=(const provider_state&) = delete;

  provider_actor::behavior_type make_behavior();

private:
  struct waiting {
    try_request task;
    steady_time since;
    caf::typed_response_promise<attempt_actor> promise;
  };
  struct running {
    attempt_actor handle;
    steady_time since;
  };

  caf::result<attempt_actor> on_try(const try_request& task);
  caf::expected<attempt_actor> start_attempt(const try_request& task);
  /// The protocol can't carry what the request asks for: says so, as the end of an attempt that never began.
  std::optional<caf::error> refuse_features(const try_request& task) const;
  /// No place is free, for now or at all.
  caf::error too_busy(const try_request& task, const std::string& why) const;
  /// No key may be used now: says why, as the end of an attempt that never began.
  caf::error no_key(const try_request& task, steady_time now) const;
  void on_attempt_ended(const attempt_ended& outcome);
  /// An attempt is gone; false if that was known.
  bool forget(std::uint64_t serial);
  void admit_waiting();
  void on_queue_tick();
  void arm_queue_timer();
  caf::result<probe_report> start_probe();

  self_pointer<provider_actor> self_;
  runtime_context context_;
  provider_settings config_;
  key_ring keys_;
  /// By model: the wire names of parameters that it has refused.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> refused_;
  admission_gate gate_;
  const milliseconds queue_timeout_;
  /// In the order of their arrival, and so of the end of their patience.
  std::deque<waiting> queue_;
  caf::disposable queue_timer_;
  std::unordered_map<std::uint64_t, running> running_;
};

} // namespace magna
