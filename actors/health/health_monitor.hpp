#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/health/circuit_breaker.hpp>
#include <magna/actors/health/latency_window.hpp>
#include <magna/actors/providers/provider.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// Aggregates the outcome of every attempt into the state of each provider.
///
///     attempt --attempt_started, attempt_ended--> health monitor --health_event--> subscribers
///     supervisor --provider_changed--------------->   |  '--states--> directory (read by each request's
///     routing)
///                                                      '--probe--> provider, when an open circuit's rest is
///                                                      over
///     peering <--health_facts--> what other nodes have seen
///
/// Supervised; after a restart it begins with UNKNOWN and learns again within a few attempts. Its subscribers
/// stand in the directory, and stay subscribed.
class health_monitor_state {
public:
  using handle_type = health_monitor_actor;
  static constexpr const char* name = "magna.health_monitor";

  health_monitor_state(self_pointer<health_monitor_actor> self, runtime_context context);
  ~health_monitor_state();

  health_monitor_state(const health_monitor_state&) = delete;
  health_monitor_state& operator=(const health_monitor_state&) = delete;

  health_monitor_actor::behavior_type make_behavior();

private:
  struct entry {
    provider_status status;
    circuit_breaker breaker;
    latency_window ttft;
    latency_window latency;
    /// Times to the first token that were added.
    std::uint64_t learned = 0;
    /// Attempts that began and have not ended.
    std::unordered_set<std::uint64_t> running;
    /// It asked for a rest until then.
    std::optional<steady_time> rest_until;
    /// See provider_identity.
    std::string identity;
    /// When what is known was seen, by this node or by another one.
    std::optional<steady_time> seen;
    bool seen_here = false;
    std::optional<steady_time> last_success;
  };

  static entry make_entry(const provider_settings& provider, const settings& all);
  entry* find(std::string_view provider);
  /// Sees to it that a subscriber that ends is forgotten.
  void watch(const health_subscriber_actor& subscriber);
  void on_started(const attempt_started& what);
  void on_ended(const attempt_ended& what);
  void on_provider_changed(const provider_changed& what);
  /// What is known of a provider stays known unless its own settings changed.
  void on_reload(const std::shared_ptr<const settings>& config);
  void note_seen(entry& x);
  health_facts facts() const;
  /// The most recent word counts, whoever saw it; but no other node's counts against one's own fresh success.
  void adopt(const health_fact& fact);
  void learn_ttft(entry& x, caf::timespan ttft);
  /// Takes over the breaker's state, tells everyone if it changed, and sees to the next probe.
  void update(entry& x, const std::optional<errc>& cause, const std::string& message);
  void note_error(entry& x, errc error, const std::string& message);
  void on_probe_tick();
  void on_probe_result(entry& x, probe_report& report);
  caf::result<health_report> probe_all();
  void probe_one(const entry& which, const std::function<void(probe_report)>& done);
  status_report report() const;
  void arm_timer();

  self_pointer<health_monitor_actor> self_;
  runtime_context context_;
  std::vector<entry> entries_;
  caf::disposable timer_;
};

} // namespace magna
