#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <magna/actors/providers/attempt_clock.hpp>
#include <magna/actors/requests/credit_balance.hpp>
#include <magna/actors/requests/transfer_inbox.hpp>
#include <magna/actors/settings.hpp>
#include <magna/actors/supervision/alarm_clock.hpp>
#include <magna/actors/supervision/directory.hpp>
#include <magna/messages/types.hpp>
#include <magna/providers/codec.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

using transport_ptr = std::shared_ptr<transport>;

/// All that an attempt needs; put together by the provider.
struct attempt_config {
  try_request task;
  /// Names the attempt at its provider; the task's own ID is only unique within its generation.
  std::uint64_t serial = 0;
  std::string provider;
  const codec* protocol = nullptr;
  endpoint where;
  std::string model;
  /// What the request or the settings ask for.
  parameters params;
  /// Wire names of parameters that the model has refused before.
  std::set<std::string, std::less<>> refused;
  attempt_deadlines deadlines;
  std::uint32_t key_index = 0;
  bool another_key = false;
  transport_ptr http;
  std::shared_ptr<alarm_clock> alarms;
  health_monitor_actor health_monitor;
  provider_actor owner;
};

/// One try at a provider: owns the transfer and the decoder, keeps the deadlines, obeys the credit.
///
///     transport --bytes--> inbox --transfer_ready--> attempt --delta*, attempt_end--> sink (the generation)
///                                                       |-----attempt_ended--------> provider, health
///                                                       monitor
///
/// Lives from the provider's spawn until the transfer is over, cancelled or failed. Reports exactly one end
/// to the sink. Its end, however it comes, closes the transfer.
class attempt_state {
public:
  using handle_type = attempt_actor;
  static constexpr const char* name = "magna.attempt";

  attempt_state(self_pointer<attempt_actor> self, attempt_config config);
  ~attempt_state();

  attempt_state(const attempt_state&) = delete;
  attempt_state& operator=(const attempt_state&) = delete;

  attempt_actor::behavior_type make_behavior();

private:
  enum class phase : std::uint8_t {
    running,
    /// The answer is complete and reported; the response's last bytes are awaited so that the connection can
    /// be reused.
    lingering,
    done,
  };

  void start_transfer();
  void stop_transfer();
  void pump();
  /// Feeds the decoder what has arrived; false if nothing has.
  bool refill();
  void on_transfer_end();
  /// Judges the answer as if its body were over.
  void finish();
  void flush();
  void succeed();
  void fail(response_error error);
  /// Tells the sink how the attempt ended, and provider and health monitor what that says about the provider.
  void report(attempt_end end, std::optional<errc> verdict);
  void stop();
  void arm_timer();
  void set_alarm(steady_time when);
  void on_tick();
  bool out_of_credit() const noexcept { return credit_.exhausted(); }

  self_pointer<attempt_actor> self_;
  /// Keeps the actor alive until it is done, whoever else forgets it: nobody but timers and the transport,
  /// which hold it weakly, may know it while it waits.
  attempt_actor itself_;
  attempt_config config_;
  attempt_clock clock_;
  const steady_time started_;
  phase phase_ = phase::running;
  std::shared_ptr<transfer_inbox> inbox_;
  std::optional<transfer_id> transfer_;
  std::unique_ptr<response_decoder> decoder_;
  transfer_inbox::content incoming_;
  bool transfer_over_ = false;
  std::optional<transfer_error> transfer_error_;
  int http_status_ = 0;
  /// Decoded text that has not gone out yet.
  std::string text_;
  bool text_sent_ = false;
  std::optional<caf::timespan> ttft_;
  /// Bytes that may go out; absent: no limit.
  credit_balance credit_;
  std::vector<std::string> learned_;
  alarm_clock::alarm alarm_;
};

} // namespace magna
