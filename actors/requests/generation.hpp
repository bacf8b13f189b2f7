#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/providers/provider.hpp>
#include <magna/actors/requests/credit_balance.hpp>
#include <magna/actors/requests/request_plan.hpp>
#include <magna/actors/supervision/alarm_clock.hpp>
#include <magna/messages/types.hpp>

namespace magna {

struct generation_config {
  directory_ptr table;
  std::shared_ptr<alarm_clock> alarms;
  /// As they were when the request was checked.
  std::shared_ptr<const routes> known;
  shared_request question;
  /// Null: the answer is collected for the one who asked.
  requester_actor requester;
  /// The characters that went out as chunks, for who has to say so if this actor crashes.
  std::shared_ptr<std::atomic<std::uint64_t>> delivered_chars =
    std::make_shared<std::atomic<std::uint64_t>>(0);
};

/// One request, from its acceptance to its one end.
///
///     requester <--chunk*, completion | failure-- generation --try_request--> provider
///         '--------cancel, credit------------------^   ^--delta*, attempt_end-- attempt
///
/// The plan decides what comes next; this actor carries it out and keeps the account. One attempt runs at a
/// time; a hedged request may have two until the first content comes. Spawned by the orchestrator, ends by
/// itself.
class generation_state {
public:
  using handle_type = generation_actor;
  static constexpr const char* name = "magna.generation";

  generation_state(self_pointer<generation_actor> self, generation_config config);
  ~generation_state();

  generation_state(const generation_state&) = delete;
  generation_state& operator=(const generation_state&) = delete;

  generation_actor::behavior_type make_behavior();

private:
  struct attempt {
    std::uint64_t id = 0;
    std::size_t candidate = 0;
    steady_duration wait{};
    steady_time started_at{};
    caf::timestamp started_on{};
    provider_actor provider;
    /// Null until the provider has answered.
    attempt_actor handle;
    /// Granted while the attempt was being started; goes to it as soon as it is known.
    std::uint64_t pending_grant = 0;
  };
  using attempts = std::vector<attempt>;

  void begin();
  void arm_deadline();
  std::vector<candidate> candidates();
  void carry_out(request_plan::step step);
  void start(const start_attempt& next);
  provider_actor provider_of(std::size_t candidate) const;
  void arm_hedge();
  void on_hedge_tick();
  void on_attempt_handle(std::uint64_t id, const attempt_actor& handle);
  void on_delta(const delta& what);
  void on_attempt_end(const attempt_end& what);
  void on_credit(std::uint64_t bytes);
  attempts::iterator find(std::uint64_t id);
  /// The attempt has brought the first content: the others are not needed any more.
  void win(std::uint64_t id);
  /// Ends the attempts under way, but for one, on our own account.
  void abandon(errc error, const std::string& message, std::optional<std::uint64_t> except = std::nullopt);
  void record(const attempt& which, const attempt_end& what);
  void complete(const attempt& which, const attempt_end& what);
  void fail(errc error, std::string message, std::optional<steady_duration> retry_after);
  std::string explain(errc error) const;
  void leave();

  const request& question() const noexcept { return *config_.question; }
  const settings& config() const noexcept { return *config_.known->config; }
  bool streams() const noexcept { return config_.requester && question().stream; }

  self_pointer<generation_actor> self_;
  /// Keeps the actor alive until it is done, whoever else forgets it: nobody but timers and the transport,
  /// which hold it weakly, may know it while it waits.
  generation_actor itself_;
  generation_config config_;
  const steady_time arrived_;
  const steady_time deadline_;
  std::optional<request_plan> plan_;
  attempts running_;
  /// Waits for its backoff.
  std::optional<start_attempt> next_;
  std::uint64_t last_id_ = 0;
  /// The attempt that brought content.
  std::optional<std::uint64_t> winner_;
  std::vector<attempt_record> trail_;
  /// The text so far, where it is not streamed.
  std::string text_;
  std::uint64_t next_seq_ = 0;
  std::uint64_t delivered_chars_ = 0;
  /// Bytes that the requester still takes; absent: no limit.
  credit_balance credit_;
  std::optional<caf::timespan> ttft_;
  attempt_end last_;
  std::optional<caf::typed_response_promise<completion>> promise_;
  caf::disposable retry_timer_;
  caf::disposable hedge_timer_;
  alarm_clock::alarm deadline_alarm_;
  bool over_ = false;
};

} // namespace magna
