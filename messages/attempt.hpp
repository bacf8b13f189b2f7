#pragma once

// The protocol inside a request: generation <-> provider <-> attempt, and the timers of each.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/timespan.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>
#include <magna/messages/signal.hpp>

namespace magna {

struct settings;

/// The answer to a request with a requester: its stream is open, and `control` steers it.
struct accepted {
  /// Names the request in its chunks and its end.
  std::string request_id;
  /// Takes `cancel` and `credit`.
  stream_control_actor control;
};

template <class Inspector>
bool inspect(Inspector& f, accepted& x) {
  return f.object(x).fields(f.field("request_id", x.request_id), f.field("control", x.control));
}

/// Asks a provider for one attempt.
struct try_request {
  /// Chosen by the sender; comes back in what the sink hears.
  std::uint64_t attempt_id = 0;
  /// What the requester asked.
  shared_request question;
  /// What is left of the request's own deadline.
  caf::timespan time_left{};
  /// Bytes of text that may come; absent: no limit.
  std::optional<std::uint64_t> initial_credit;
  /// Who hears of the attempt.
  attempt_sink_actor sink;
};

template <class Inspector>
bool inspect(Inspector& f, try_request& x) {
  return f.object(x).fields(f.field("attempt_id", x.attempt_id), f.field("question", x.question),
                            f.field("time_left", x.time_left), f.field("initial_credit", x.initial_credit),
                            f.field("sink", x.sink));
}

/// Text of an attempt; what arrived together is one delta.
struct delta {
  /// As in the try_request.
  std::uint64_t attempt_id = 0;
  /// UTF-8, never empty, never cut inside a character.
  std::string text;

  bool operator==(const delta&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, delta& x) {
  return f.object(x).fields(f.field("attempt_id", x.attempt_id), f.field("text", x.text));
}

/// How an attempt ended, for the request's sake.
struct attempt_end {
  /// As in the try_request.
  std::uint64_t attempt_id = 0;
  /// Absent: the answer is complete.
  std::optional<errc> error;
  /// In words, keys redacted; empty if it succeeded.
  std::string message;
  /// 0 where none came.
  std::uint16_t http_status = 0;
  /// The provider's own word on whether a retry makes sense.
  std::optional<bool> should_retry;
  /// How long the provider asks to wait.
  std::optional<caf::timespan> retry_after;
  /// The provider has another key to try after one was refused or is resting.
  bool another_key = false;
  /// As the provider names it, or as it was asked for.
  std::string model;
  /// Why the model stopped.
  finish_reason finish = finish_reason::stop;
  /// Tokens, as far as the provider told.
  magna::usage usage;
  /// The calls of tools in a complete answer.
  std::vector<tool_call> tool_calls;
  /// With invalid_request: the provider or its model can't do what is asked; another may.
  bool unsupported = false;

  bool operator==(const attempt_end&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, attempt_end& x) {
  return f.object(x).fields(f.field("attempt_id", x.attempt_id), f.field("error", x.error),
                            f.field("message", x.message), f.field("http_status", x.http_status),
                            f.field("should_retry", x.should_retry), f.field("retry_after", x.retry_after),
                            f.field("another_key", x.another_key), f.field("model", x.model),
                            f.field("finish", x.finish), f.field("usage", x.usage),
                            f.field("tool_calls", x.tool_calls), f.field("unsupported", x.unsupported));
}

/// Lets `bytes` more of an attempt's text come.
struct grant {
  /// In addition to what is left.
  std::uint64_t bytes = 0;

  bool operator==(const grant&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, grant& x) {
  return f.object(x).fields(f.field("bytes", x.bytes));
}

/// The end of an attempt before its time.
struct cancel_attempt {
  /// Another attempt was faster: that it took so long is worth knowing.
  bool overtaken = false;

  bool operator==(const cancel_attempt&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, cancel_attempt& x) {
  return f.object(x).fields(f.field("overtaken", x.overtaken));
}

/// Takes back a try_request that waits for its turn; one that has become an attempt is not meant.
struct withdraw_request {
  /// As in the try_request.
  std::uint64_t attempt_id = 0;
  /// As in the try_request.
  attempt_sink_actor sink;
};

template <class Inspector>
bool inspect(Inspector& f, withdraw_request& x) {
  return f.object(x).fields(f.field("attempt_id", x.attempt_id), f.field("sink", x.sink));
}

/// A new configuration. Stays inside the process; must be valid (see `validate`).
struct reload {
  /// Not null.
  std::shared_ptr<const settings> config;
};

/// A child's restart is due.
struct restart_tick {
  /// The name of its provider, or of what it does.
  std::string child;

  bool operator==(const restart_tick&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, restart_tick& x) {
  return f.object(x).fields(f.field("child", x.child));
}

/// Takes no new work; what runs may go on for `deadline`.
struct drain {
  /// From now; what still runs then is cancelled.
  caf::timespan deadline{};

  bool operator==(const drain&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, drain& x) {
  return f.object(x).fields(f.field("deadline", x.deadline));
}

/// What a drain left.
struct drained {
  /// Requests that did not end in time and were cancelled.
  std::uint64_t cancelled_requests = 0;

  bool operator==(const drained&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, drained& x) {
  return f.object(x).fields(f.field("cancelled_requests", x.cancelled_requests));
}

// Messages without content.

/// Asks to be told when all children run.
struct await_start : signal {};
/// Begins, and asks for the whole answer.
struct collect_answer : signal {};
/// A deadline may have passed.
struct deadline_tick : signal {};
/// The first token is late.
struct hedge_tick : signal {};
/// Begins, and streams.
struct open_stream : signal {};
/// The provider's actor ends.
struct provider_stopping : signal {};
/// Somebody in the queue may have waited long enough.
struct queue_tick : signal {};
/// A backoff is over.
struct retry_tick : signal {};
/// Something waits in the inbox.
struct transfer_ready : signal {};

} // namespace magna

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::reload)
