#pragma once

// What the actor of a request and the actor of a provider say to each other, and the timers of both.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/timespan.hpp>

#include <magna/messages/actors.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/fields.hpp>
#include <magna/messages/request.hpp>
#include <magna/messages/response.hpp>
#include <magna/messages/signal.hpp>

namespace magna {

class lease;
struct settings;

/// The answer to a request with a requester: its stream is open, and `control` steers it.
struct accepted {
  /// Names the request in its end.
  std::string request_id{};
  /// Takes `cancel` and `credit`; the sender of all that follows.
  stream_control_actor control{};
};

constexpr auto fields_of(const accepted* /*type*/) {
  return list_fields(tagged<1>("request_id", &accepted::request_id),
                     tagged<2>("control", &accepted::control));
}

/// Asks a provider for a place for one attempt. Stays inside the process.
struct lease_request {
  /// Chosen by the sender: names the attempt within its request.
  std::uint64_t attempt_id = 0;
  /// What the requester asked.
  shared_request question{};
  /// The model to ask for; not empty.
  std::string model{};
  /// What is left of the request's own deadline.
  caf::timespan time_left{};
  /// The request's actor, which the provider tells when it ends.
  generation_actor holder{};
};

/// A place at a provider, with all that an attempt there needs. Stays inside the process.
struct granted_lease {
  /// Not null. Comes back to the provider by itself when nobody holds it any more.
  std::shared_ptr<lease> place{};
};

/// A lease comes back. Stays inside the process.
struct lease_return {
  /// Of the lease.
  std::uint64_t serial = 0;
  /// Absent: the attempt succeeded. errc::cancelled says nothing about key and provider.
  std::optional<errc> error{};
  /// How long the provider asks to be left alone.
  std::optional<caf::timespan> retry_after{};
  /// With authentication_failed: the provider's words are about the key.
  bool key_refused = false;
  /// The provider says that the key has nothing left to use for so long.
  std::optional<caf::timespan> key_rest{};
  /// The wire names of parameters that the model turned out to refuse.
  std::vector<std::string> refused_parameters{};
  /// The answer is complete, but its transfer is not over: the provider sees to that.
  std::optional<std::uint64_t> unfinished_transfer{};
};

/// Takes back a lease_request that still waits; one that was granted is not meant.
struct withdraw_request {
  /// As in the lease_request.
  std::uint64_t attempt_id = 0;
  /// As in the lease_request.
  generation_actor holder{};
};

/// The provider's actor is gone, or the node that it stands for: the attempt with this lease is over.
struct provider_stopping {
  /// Of the lease.
  std::uint64_t serial = 0;
  /// How the attempt ends.
  errc error = errc::provider_error;
  /// In words.
  std::string message{};
  /// Whether that counts against the provider's health: a crash of magna's own actor does not.
  bool counts = false;
};

/// How an attempt ended, for the request's sake.
struct attempt_end {
  /// As in the lease_request.
  std::uint64_t attempt_id = 0;
  /// Absent: the answer is complete.
  std::optional<errc> error{};
  /// In words, keys redacted; empty if it succeeded.
  std::string message{};
  /// 0 where none came.
  std::uint16_t http_status = 0;
  /// The provider's own word on whether a retry makes sense.
  std::optional<bool> should_retry{};
  /// How long the provider asks to wait.
  std::optional<caf::timespan> retry_after{};
  /// The provider has another key to try after one was refused or is resting.
  bool another_key = false;
  /// As the provider names it, or as it was asked for.
  std::string model{};
  /// Why the model stopped.
  finish_reason finish = finish_reason::stop;
  /// Tokens, as far as the provider told.
  magna::usage usage{};
  /// The calls of tools in a complete answer.
  std::vector<tool_call> tool_calls{};
  /// With invalid_request: the provider or its model can't do what is asked; another may.
  bool unsupported = false;
  /// The provider's own name for the request; empty where it sent none.
  std::string provider_request_id{};
  /// What the model thought aloud.
  std::string reasoning{};
  /// What the model wants to see again.
  std::vector<opaque_item> items{};
  /// Of an embedding.
  std::vector<embedding> embeddings{};
  /// With authentication_failed: the provider's words are about the key.
  bool key_refused = false;
  /// The provider says that the key has nothing left to use for so long.
  std::optional<caf::timespan> key_rest{};

  bool operator==(const attempt_end&) const = default;
};

constexpr auto fields_of(const attempt_end* /*type*/) {
  return list_fields(
    tagged<1>("attempt_id", &attempt_end::attempt_id), tagged<2>("error", &attempt_end::error),
    tagged<3>("message", &attempt_end::message), tagged<4>("http_status", &attempt_end::http_status),
    tagged<5>("should_retry", &attempt_end::should_retry),
    tagged<6>("retry_after", &attempt_end::retry_after), tagged<7>("another_key", &attempt_end::another_key),
    tagged<8>("model", &attempt_end::model), tagged<9>("finish", &attempt_end::finish),
    tagged<10>("usage", &attempt_end::usage), tagged<11>("tool_calls", &attempt_end::tool_calls),
    tagged<12>("unsupported", &attempt_end::unsupported),
    tagged<13>("provider_request_id", &attempt_end::provider_request_id),
    tagged<14>("reasoning", &attempt_end::reasoning), tagged<15>("items", &attempt_end::items),
    tagged<16>("embeddings", &attempt_end::embeddings), tagged<17>("key_refused", &attempt_end::key_refused),
    tagged<18>("key_rest", &attempt_end::key_rest));
}

/// A new configuration. Stays inside the process; must be valid (see `validate`).
struct reload {
  /// Not null.
  std::shared_ptr<const settings> config{};
};

/// A child's restart is due.
struct restart_tick {
  /// The name of its provider, or of what it does.
  std::string child{};

  bool operator==(const restart_tick&) const = default;
};

constexpr auto fields_of(const restart_tick* /*type*/) {
  return list_fields(tagged<1>("child", &restart_tick::child));
}

/// Takes no new work; what runs may go on for `deadline`.
struct drain {
  /// From now; what still runs then is cancelled.
  caf::timespan deadline{};

  bool operator==(const drain&) const = default;
};

constexpr auto fields_of(const drain* /*type*/) {
  return list_fields(tagged<1>("deadline", &drain::deadline));
}

/// What a drain left.
struct drained {
  /// Requests that did not end in time and were cancelled.
  std::uint64_t cancelled_requests = 0;

  bool operator==(const drained&) const = default;
};

constexpr auto fields_of(const drained* /*type*/) {
  return list_fields(tagged<1>("cancelled_requests", &drained::cancelled_requests));
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
/// Somebody in the queue may have waited long enough.
struct queue_tick : signal {};
/// A backoff is over.
struct retry_tick : signal {};
/// Something waits in the inbox.
struct transfer_ready : signal {};

} // namespace magna

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::granted_lease)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::lease_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::lease_return)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::provider_stopping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::reload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(magna::withdraw_request)
