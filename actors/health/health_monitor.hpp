#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/health/health_record.hpp>
#include <magna/actors/runtime_context.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// Aggregates the outcomes of all attempts into the state of each provider.
///
///     generation --attempt_event--> health observer --attempt_verdict--> health monitor --health_event--> subscribers
///     supervisor --provider_changed-----------------------------------------^  |  '--states--> routing table
///     peering <--health_facts: what other nodes have seen----------------------'  '--probe--> provider, when an
///                                                                                    open circuit's rest is over
///
/// What is known of a provider is a `health_record`; the figures of its successes are in its `provider_meter`.
/// Supervised; after a restart it begins with UNKNOWN and learns again within a few attempts.
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
    health_record record;
    std::shared_ptr<provider_meter> meter;
    /// When a request was told last that the configured model is missing.
    std::optional<steady_time> model_missed;
  };

  entry make_entry(const provider_settings& provider, const settings& all) const;
  entry* find(std::string_view provider);
  /// Sees to it that a subscriber that ends is forgotten.
  void watch(const health_subscriber_actor& subscriber);
  void on_verdict(const attempt_verdict& what);
  void on_provider_changed(const provider_changed& what);
  /// What is known of a provider stays known unless its own settings changed.
  void on_reload(const std::shared_ptr<const settings>& config);
  health_facts facts();
  void adopt(const health_fact& fact);
  /// Publishes the record's state, tells all that subscribed if it changed, and sees to the next probe.
  void update(entry& x, const std::optional<errc>& cause, const std::string& message);
  static void note_error(entry& x, errc error, const std::string& message);
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
