#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <magna/actors/providers/lease.hpp>
#include <magna/actors/requests/credit_balance.hpp>
#include <magna/actors/requests/delivery.hpp>
#include <magna/actors/requests/exchange.hpp>
#include <magna/actors/requests/request_plan.hpp>
#include <magna/actors/runtime_context.hpp>
#include <magna/messages/types.hpp>

namespace magna {

struct generation_config {
  routing_table_ptr table;
  std::shared_ptr<alarm_clock> alarms;
  observers_ptr watchers;
  /// As they were when the request was checked.
  routes_ptr known;
  shared_request question;
  /// Null: the answer is collected for the sender of the request.
  requester_actor requester;
};

/// One request, from its acceptance to its one end.
///
///     requester <--started, chunk*, end-- generation --lease_request--> provider
///         '--------cancel, credit----------^  |  ^------granted_lease------'
///                                      exchange (no actor) <--bytes-- transport
///
/// The plan decides what comes next; this actor carries it out and keeps the account. An attempt is a lease
/// and an exchange; one runs at a time, and a hedged request may have two until the first content comes.
/// Spawned by the orchestrator, ends by itself. If it crashes, its destructor tells the requester, and the
/// leases go back by themselves.
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
    /// When a place was asked for, and when it was there.
    steady_time started_at{};
    steady_time granted_at{};
    caf::timestamp started_on{};
    provider_actor provider;
    /// Null until the provider has granted it.
    std::shared_ptr<magna::lease> lease;
    std::unique_ptr<magna::exchange> exchange;
    std::optional<caf::timespan> ttft;
  };
  using attempts = std::vector<attempt>;

  void begin();
  void carry_out(request_plan::step step);
  void start(const start_attempt& next);
  void arm_hedge();
  void on_hedge_tick();
  void on_lease(std::uint64_t id, const std::shared_ptr<lease>& granted);
  void on_word(exchange::word what);
  void on_provider_stopping(const provider_stopping& what);
  /// Takes in what the attempts have for the requester.
  void advance();
  void advance(std::uint64_t id);
  /// Returns whether the attempt goes on.
  bool take_in(std::uint64_t id, exchange_news news);
  void deliver(attempt& which, std::vector<part> parts);
  /// What the requester is told before the attempt's first chunk.
  started announcement(const attempt& which) const;
  void on_credit(std::uint64_t bytes);
  void on_alarm();
  void arm_alarm();
  attempts::iterator find(std::uint64_t id);
  /// The attempt has brought the first content: the others are not needed any more.
  void win(std::uint64_t id);
  /// Ends the attempts under way, but for one, on this request's own account.
  void abandon(errc error, const std::string& message, std::optional<std::uint64_t> except = std::nullopt);
  void on_attempt_end(std::uint64_t id, exchange_end end);
  /// Gives the lease back, and enters the attempt into the trail.
  void record(attempt& which, const exchange_end& end);
  void complete(const attempt& which, exchange_end end);
  void fail(errc error, std::string message, std::optional<steady_duration> retry_after);
  /// Makes the failure; unlike `fail` also when the actor crashes.
  void break_off(errc error, std::string message, std::optional<steady_duration> retry_after);
  /// The one end: to the observers, and to the requester.
  void finish(std::variant<completion, failure> end);

  const request& question() const noexcept { return *config_.question; }
  const settings& config() const noexcept { return *config_.known->config; }
  bool streams() const noexcept { return config_.requester && question().stream; }

  self_pointer<generation_actor> self_;
  /// Keeps the actor alive until it is done, even if all others forget it: while it waits, perhaps only
  /// timers and the transport know it, which hold it weakly.
  generation_actor itself_;
  generation_config config_;
  const steady_time arrived_;
  const steady_time deadline_;
  /// Bytes that the requester still takes. Before the attempts, which refer to it.
  credit_balance credit_;
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
  delivery delivery_;
  std::optional<caf::timespan> ttft_;
  /// Of the attempt that ended last.
  attempt_end last_;
  std::optional<caf::typed_response_promise<completion>> promise_;
  caf::disposable retry_timer_;
  caf::disposable hedge_timer_;
  alarm_clock::alarm alarm_;
  /// An attempt had its place, and then this process or its host could not ask.
  bool hit_own_limit_ = false;
  bool over_ = false;
};

} // namespace magna
