#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/providers/key_keeper.hpp>
#include <magna/actors/providers/key_ring.hpp>
#include <magna/actors/providers/lease.hpp>
#include <magna/actors/requests/admission_gate.hpp>
#include <magna/actors/runtime_context.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// A provider that this process asks itself.
provider_actor spawn_provider(caf::actor_system& sys, const runtime_context& context,
                              const provider_settings& config);

/// One configured provider: lets as many attempts run as it may have, chooses the key, remembers what its
/// models refuse.
///
///     generation --lease_request--> provider
///         ^------granted_lease---------'  ^
///         '--lease_return (when done, or when the lease is lost)
///
/// Supervised: restarted with its configuration when it crashes. Attempts at it end with it.
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
    lease_request what;
    steady_time since;
    caf::typed_response_promise<granted_lease> promise;
  };
  struct running {
    generation_actor holder;
    steady_time since;
    std::string model;
    std::uint32_t key_index = 0;
    bool another_key = false;
    /// Of the source, if there is one.
    std::string issued_key;
  };

  caf::result<granted_lease> on_request(const lease_request& what);
  caf::expected<granted_lease> grant(const lease_request& what);
  /// The protocol can't carry what the request asks for: says so, as the end of an attempt that never began.
  std::optional<caf::error> refuse_features(const lease_request& what) const;
  /// No place is free, for now or at all.
  caf::error too_busy(const lease_request& what, const std::string& why) const;
  /// No key may be used now: says why, as the end of an attempt that never began.
  caf::error no_key(const lease_request& what, steady_time now);
  void on_return(const lease_return& what);
  /// Nothing: there is a key, or one of those that the settings have is to be used.
  std::optional<caf::result<granted_lease>> wait_for_key(const lease_request& what);
  /// The source has no key: says why, as the end of an attempt that never began.
  caf::error no_issued_key(const lease_request& what, steady_time now) const;
  /// The source may have answered: those that wait for a key go on, or are told why there is none.
  void on_key_news();
  /// A key that was refused is not used again.
  void judge_issued_key(const lease_return& what);
  void admit_waiting();
  void on_queue_tick();
  void arm_queue_timer();
  /// Lets the rest of a complete answer come for a moment, so that its connection can be used again.
  void linger(transfer_id transfer);
  void end_lingering();
  caf::result<probe_report> start_probe();
  /// Looks whether a key that was put aside is accepted again, now and then.
  void probe_keys(steady_time now);
  void probe_ring(std::function<void(probe_report)> done);
  void probe_with(std::string key, const std::function<void(probe_report)>& done);

  self_pointer<provider_actor> self_;
  runtime_context context_;
  provider_settings config_;
  std::shared_ptr<provider_meter> meter_;
  key_ring keys_;
  steady_time next_key_probe_{};
  /// Empty: the keys are those of the ring.
  std::optional<key_keeper> issued_keys_;
  /// Those that wait for the source's first key, in the order of their arrival.
  std::deque<waiting> keyless_;
  std::vector<caf::typed_response_promise<probe_report>> keyless_probes_;
  alarm_clock::alarm key_alarm_;
  /// By model: the wire names of parameters that it has refused.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> refused_;
  admission_gate gate_;
  const milliseconds queue_timeout_;
  /// In the order of their arrival, and so of the end of their patience.
  std::deque<waiting> queue_;
  caf::disposable queue_timer_;
  /// By the lease's serial.
  std::unordered_map<std::uint64_t, running> running_;
  /// Transfers that linger, and until when; in the order of their ends.
  std::deque<std::pair<steady_time, transfer_id>> lingering_;
  alarm_clock::alarm linger_alarm_;
};

} // namespace magna
