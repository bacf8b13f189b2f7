#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/attempt.hpp>

namespace magna {

/// A provider that a request may go to, as routing sees it.
struct candidate {
  std::string name;
  std::string model;
  /// Its circuit is open.
  bool unavailable = false;
  /// It asked for a rest until then.
  std::optional<steady_time> rest_until;
  /// None of its keys has anything left to use for now: it is asked after the others.
  bool spared = false;
  /// Attempts for one request; at least 1.
  std::uint32_t max_attempts = 3;
  /// Before the second attempt; doubles from there.
  steady_duration retry_delay = std::chrono::seconds{1};
};

/// A factor from 0.8 to 1.2: retries of requests that failed together must not come back together.
double retry_jitter();

struct request_plan_config {
  /// Attempts over all candidates; at least 1.
  std::uint32_t max_attempts = 12;
  bool fallback_on_invalid_request = true;
  bool fallback_on_content_filter = false;
  /// When the request has to be over.
  steady_time deadline;
  /// A factor of about 1 for each backoff. Tests fix it; the runtime draws from 0.8 to 1.2.
  std::function<double()> jitter = [] { return 1.0; };
  /// Asked before each retry at a candidate: whether the retry budget has room for it.
  std::function<bool(const candidate&)> may_retry = [](const candidate&) { return true; };
};

/// A server may make us wait this long at most; more, and the attempt isn't worth waiting for.
inline constexpr std::chrono::seconds max_server_delay{60};

/// Go to this candidate, after this wait.
struct start_attempt {
  std::size_t candidate;
  steady_duration wait;
  /// Not the request's first attempt at the candidate.
  bool again = false;
};

/// Another attempt is still under way: its end decides.
struct keep_waiting {};

/// Nothing is left to try.
struct give_up {
  errc error;
  /// Empty: the last attempt's own message says it.
  std::string message;
  /// How long until the first provider wants to be asked again.
  std::optional<steady_duration> retry_after;
};

/// Routing, retries and fallback of one request, as a value: it is told how attempts ended and says what is
/// next. This is the error table of docs/design.md in code.
class request_plan {
public:
  using step = std::variant<start_attempt, keep_waiting, give_up>;

  /// Candidates in the order to try them; must not be empty. Those that are unavailable or resting are
  /// skipped, unless that leaves none: health never empties the chain.
  request_plan(std::vector<candidate> candidates, request_plan_config config, steady_time now);

  /// The first attempt.
  step first(steady_time now);

  /// What follows after an attempt at the candidate failed. `committed`: content has reached the requester.
  step next(std::size_t index, const attempt_end& failed, bool committed, steady_time now);

  /// Whether `hedge` would name a candidate.
  bool can_hedge(steady_time now) const { return fresh_candidate(now).has_value(); }

  /// An attempt is late: the next candidate, to be asked beside it. Nothing if there is none that is fresh.
  /// Each hedge's end is told to `next`, or to `withdraw` if another attempt won.
  std::optional<start_attempt> hedge(steady_time now);

  /// The attempt under way at the candidate was given up; it says nothing about the candidate.
  void withdraw(std::size_t index) { entries_[index].running = false; }

  const candidate& at(std::size_t index) const { return entries_[index].who; }

private:
  struct entry {
    candidate who;
    std::uint32_t attempts = 0;
    bool running = false;
    std::optional<errc> last_error;
    /// It can't do what is asked.
    bool unsupported = false;
    /// No more attempts at it.
    bool exhausted = false;
    /// It wants to be left alone until then; asked again only when no other is left.
    std::optional<steady_time> parked_until;
    /// When its server, in its last word on it, wants to be asked again.
    std::optional<steady_time> back_at;
  };

  /// No other provider would do better.
  bool ends_the_request(const attempt_end& failed) const;
  /// No other candidate was or could be asked.
  bool is_alone(const entry& x) const;
  /// Takes the failure into the candidate's entry. The wait, if it is to be asked again: without delay if
  /// `starts_now`, else when the others have failed, too. A retry takes from the budget when it starts.
  std::optional<steady_duration> note(entry& x, const attempt_end& failed, bool starts_now, steady_time now);
  /// The first that was not tried and is usable, if one more attempt may start at all.
  std::optional<std::size_t> fresh_candidate(steady_time now) const;
  step choose(steady_time now);
  start_attempt start(std::size_t index, steady_duration wait);
  step fail(steady_time now) const;
  /// How long until the first server wants to be asked again; nothing if none said so, or that time has come.
  std::optional<steady_duration> earliest_return(steady_time now) const;
  steady_duration backoff(const entry& x) const;
  /// How long to wait before the next attempt at the same provider, or nothing if it isn't worth it.
  std::optional<steady_duration> retry_wait(const entry& x, const attempt_end& failed, steady_time now) const;

  std::vector<entry> entries_;
  request_plan_config config_;
  std::uint32_t attempts_ = 0;
  errc last_error_ = errc::provider_error;
};

} // namespace magna
