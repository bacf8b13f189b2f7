#pragma once

#include <optional>
#include <string>

#include <magna/actors/settings.hpp>
#include <magna/actors/supervision/clock.hpp>

namespace magna {

/// Which deadline of an attempt fired. The connect deadline is the transport's.
enum class deadline_kind : std::uint8_t { response_headers, first_token, idle, total };

/// The setting's words, for messages: "the first token", ...
std::string_view to_string(deadline_kind x) noexcept;

struct deadline_hit {
  deadline_kind kind;
  milliseconds limit;
};

/// The deadlines of one attempt, as a value: told of what happens, it says when the next one fires. Time
/// during which the requester grants no credit does not count: the provider is not to blame for it.
class attempt_clock {
public:
  attempt_clock(const attempt_deadlines& limits, bool stream, steady_time start)
    : limits_(limits), stream_(stream), start_(start), last_activity_(start) {}

  /// Status line and headers are there.
  void on_head() { head_ = true; }

  /// The model produced something, be it text or reasoning.
  void on_token(steady_time now);

  /// Any sign of life the protocol gives: a ping, a comment, a usage report.
  void on_activity(steady_time now);

  void pause(steady_time now);
  /// Not before the pause began.
  void resume(steady_time now);

  /// When to look again; nothing while paused.
  std::optional<steady_time> next() const;

  /// The deadline that has fired by `now`, if any: the first, and of several that fire together the widest.
  std::optional<deadline_hit> expired(steady_time now) const;

private:
  struct due {
    steady_time at;
    deadline_hit hit;
  };
  std::optional<due> earliest() const;

  attempt_deadlines limits_;
  bool stream_;
  steady_time start_;
  steady_time last_activity_;
  bool head_ = false;
  bool token_ = false;
  std::optional<steady_time> paused_at_;
};

} // namespace magna
