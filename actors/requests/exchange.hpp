#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>

#include <magna/actors/supervision/clock.hpp>
#include <magna/messages/attempt.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// How an exchange ended.
struct exchange_end {
  attempt_end result;
  /// Whether that says something of the provider.
  bool counts = true;
  /// The wire names of parameters that the model turned out to refuse.
  std::vector<std::string> refused_parameters;
  /// The answer is complete, but this transfer is not over: its last bytes are worth waiting for, so that the
  /// connection can be used again.
  std::optional<transfer_id> unfinished_transfer;
};

/// What `exchange::next` brings: parts, an end, or parts and then an end.
struct exchange_news {
  /// What arrived together.
  std::vector<part> parts;
  std::optional<exchange_end> end;
};

/// One attempt's talk with a provider: the request's actor drives it, and it says what came of it. Not an
/// actor, and not thread-safe. The destructor breaks off what still runs.
class exchange {
public:
  virtual ~exchange() = default;

  /// Asks the provider.
  virtual void start(steady_time now) = 0;

  /// The next news, or nothing if there is none for now. Call it whenever something has arrived or credit was
  /// granted, until it returns nothing. After the end it returns nothing. May throw what a decoder throws.
  virtual std::optional<exchange_news> next(steady_time now) = 0;

  /// When `on_alarm` is due; nothing: never, as things are.
  virtual std::optional<steady_time> alarm() const = 0;
  /// One of the attempt's deadlines may have passed.
  virtual std::optional<exchange_news> on_alarm(steady_time now) = 0;

  /// The requester takes more: the shared balance has it already.
  virtual void on_credit(std::uint64_t bytes, steady_time now) = 0;

  /// What another node answers, for exchanges that ask one.
  using word = std::variant<started, chunk, completion, failure>;
  /// Takes what another node answers, unless it is for another exchange. `next` has it then.
  virtual bool hear(word&, const caf::strong_actor_ptr& /*sender*/) { return false; }

  /// The model that answers, where the exchange knows better than who has opened it. Else empty.
  virtual std::string model() const { return {}; }
};

/// The end of an attempt at which a codec has thrown: `failed` says what did not work.
exchange_news thrown_end(std::string_view failed, std::string_view problem);

/// The end of an attempt that got no place: the provider says why, or is not there to say anything.
exchange_end refusal_end(const caf::error& reason);

/// What the provider is told of an attempt when its lease goes back.
lease_return outcome_of(const exchange_end& end);

/// What the trail says of an attempt, but for whom was asked and when.
attempt_record record_of(const attempt_end& end);

/// Calls `f`, which asks an exchange for news. An exception, which only a codec throws, ends that attempt only.
template <class F>
std::optional<exchange_news> guarded(std::string_view failed, F&& f) {
  try {
    return f();
  } catch (const std::exception& problem) {
    return thrown_end(failed, problem.what());
  } catch (...) {
    return thrown_end(failed, "an exception that is no std::exception");
  }
}

} // namespace magna
