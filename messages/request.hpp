#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/timespan.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/export.hpp>

namespace magna {

/// Who says a message of the conversation.
enum class role : std::uint8_t { system = 1, user = 2, assistant = 3 };

/// The name as it appears in JSON, for instance "user".
MAGNA_EXPORT std::string to_string(role x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, role& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, role& x);

template <class Inspector>
bool inspect(Inspector& f, role& x) {
  return caf::default_enum_inspect(f, x);
}

/// One message of a conversation.
struct chat_message {
  /// Who says it.
  role from = role::user;
  /// UTF-8.
  std::string content;

  bool operator==(const chat_message&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, chat_message& x) {
  return f.object(x).fields(f.field("from", x.from), f.field("content", x.content));
}

/// What steers the model. An absent value means the configuration's, and where that has none either the
/// model's own.
struct parameters {
  /// 0 to 2.
  std::optional<double> temperature;
  /// Nucleus sampling: more than 0, at most 1.
  std::optional<double> top_p;
  /// Tokens the answer may have at most, reasoning included where the provider counts it; at least 1.
  std::optional<std::uint32_t> max_tokens;
  /// The answer ends before any of these.
  std::vector<std::string> stop;
  /// Seed of the sampling, where the provider takes one.
  std::optional<std::int64_t> seed;

  bool operator==(const parameters&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, parameters& x) {
  return f.object(x).fields(f.field("temperature", x.temperature), f.field("top_p", x.top_p),
                            f.field("max_tokens", x.max_tokens), f.field("stop", x.stop),
                            f.field("seed", x.seed));
}

/// One question to whichever provider can answer it.
struct request {
  /// Names the request in messages and logs. Empty: the orchestrator chooses one.
  std::string id;
  /// Instructions that stand above the conversation; messages with role::system are appended to it.
  std::string system_prompt;
  /// The conversation so far, oldest first; the last one is usually the user's.
  std::vector<chat_message> messages;
  /// What steers the model; each stands above the configuration's.
  parameters params;
  /// Empty: each provider's configured model. Otherwise this model is asked for at every provider of the
  /// chain.
  std::string model;
  /// Provider names in the order to try them. Empty: the configured chain.
  std::vector<std::string> providers;
  /// Whether the provider is asked to stream, and chunks go to the requester as they come.
  bool stream = true;
  /// How long the whole request may take over all attempts. Absent: the configured request deadline.
  std::optional<caf::timespan> deadline;
  /// How many bytes of text the requester takes before it grants more with `credit`. Absent: no limit.
  std::optional<std::uint64_t> initial_credit;
  /// The application's own labels; they stay inside magna and stand in its log.
  std::map<std::string, std::string> metadata;
  /// Whether a late provider is joined by the next one. Absent: what the configuration says.
  std::optional<bool> hedge;

  bool operator==(const request&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, request& x) {
  return f.object(x).fields(
    f.field("id", x.id), f.field("system_prompt", x.system_prompt), f.field("messages", x.messages),
    f.field("params", x.params), f.field("model", x.model), f.field("providers", x.providers),
    f.field("stream", x.stream), f.field("deadline", x.deadline), f.field("initial_credit", x.initial_credit),
    f.field("metadata", x.metadata), f.field("hedge", x.hedge));
}

/// A request that several attempts look at: copied between nodes, shared inside one.
class shared_request {
public:
  shared_request() : value_(std::make_shared<const request>()) {}
  /// Takes the request over.
  explicit shared_request(request value) : value_(std::make_shared<const request>(std::move(value))) {}

  /// The request; good as long as this or a copy lives.
  const request& operator*() const noexcept { return *value_; }
  /// The same.
  const request* operator->() const noexcept { return value_.get(); }

  template <class Inspector>
  friend bool inspect(Inspector& f, shared_request& x) {
    if constexpr (Inspector::is_loading) {
      request value;
      if (!f.apply(value))
        return false;
      x = shared_request{std::move(value)};
      return true;
    } else {
      return f.apply(*x.value_);
    }
  }

private:
  std::shared_ptr<const request> value_;
};

} // namespace magna
