#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <caf/timestamp.hpp>

#include <magna/messages/export.hpp>
#include <magna/messages/health.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>

namespace magna {

/// A request was taken. It was checked; no provider has been asked.
struct request_event {
  /// With its ID and the application's labels.
  const shared_request& question;
};

/// An attempt begins: the provider is asked for a place. `attempt_event::asked` says whether it gave one, so that
/// its server was asked.
struct attempt_start_event {
  /// The request that it is for.
  const shared_request& question;
  /// Names the attempt within its request, from 1.
  std::uint64_t attempt_id = 0;
  /// The provider's name.
  const std::string& provider;
  /// The model that is asked for.
  const std::string& model;
  /// The backoff before it.
  caf::timespan wait{};
};

/// An attempt is over, or it was refused before the provider was asked. Told once for each entry of a trail.
struct attempt_event {
  /// The request that it was for.
  const shared_request& question;
  /// Names the attempt within its request, from 1.
  std::uint64_t attempt_id = 0;
  /// As it stands in the trail of the request.
  const attempt_record& record;
  /// Tokens, as far as the provider told.
  const magna::usage& usage;
  /// From its start to the first text; absent if none came.
  std::optional<caf::timespan> ttft;
  /// Whether the provider was asked: false if it had no place, no key or not the ability.
  bool asked = false;
  /// Whether the end says something of the provider: false for an attempt that was given up, and for one that a
  /// reload has left behind.
  bool counts = false;
  /// A success that changes nothing in what is known of the provider's health.
  bool settled = false;
};

/// A request has its one end. Nothing more is told of it.
struct end_event {
  /// With its ID and the application's labels.
  const shared_request& question;
  /// What the requester gets: usage, times and trail are in it. An application's observer gets a completion
  /// without its text.
  const std::variant<completion, failure>& end;
};

/// An actor of magna's crashed.
struct restart_event {
  /// What it does: "provider gemini", "orchestrator", "health monitor".
  const std::string& child;
  /// Why it ended, in words.
  const std::string& reason;
  /// How long until it is started again; 0 if that has happened.
  std::chrono::nanoseconds wait{};
};

/// Sees what happens to requests, attempts, providers and actors. Derive, and give it to the runtime's
/// constructor.
///
/// What belongs to one request is told in its order: the request, starts and ends of its attempts, its end.
/// Calls come from many threads, also at the same time. The values that an event refers to are good during
/// the call; copy what is to be kept. The runtime calls each observer of an application's on a thread of its
/// own, with a bounded queue before it: one that is slow or throws harms nobody but itself.
class MAGNA_EXPORT observer {
public:
  virtual ~observer() = default;

  /// A request was taken.
  virtual void on_request(const request_event& what);
  /// A provider is asked for a place.
  virtual void on_attempt_start(const attempt_start_event& what);
  /// An attempt is over.
  virtual void on_attempt(const attempt_event& what);
  /// A request is over.
  virtual void on_end(const end_event& what);
  /// A provider's state has changed.
  virtual void on_health(const health_event& what);
  /// An actor is restarted, or will be.
  virtual void on_restart(const restart_event& what);
};

} // namespace magna
