#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <magna/messages/caf.hpp>
#include <magna/messages/embedding.hpp>
#include <magna/messages/enum_inspect.hpp>
#include <magna/messages/errc.hpp>
#include <magna/messages/export.hpp>
#include <magna/messages/fields.hpp>
#include <magna/messages/part.hpp>
#include <magna/messages/request.hpp>

namespace magna {

/// Tokens as the provider counts them; a count that it does not report is absent.
struct usage {
  /// Of the request.
  std::optional<std::uint64_t> prompt_tokens{};
  /// The answer's tokens, reasoning_tokens included.
  std::optional<std::uint64_t> completion_tokens{};
  /// Spent on thinking, as part of `completion_tokens`.
  std::optional<std::uint64_t> reasoning_tokens{};
  /// The part of prompt_tokens that the provider had cached.
  std::optional<std::uint64_t> cached_tokens{};
  /// The part of prompt_tokens that the provider has cached with this request.
  std::optional<std::uint64_t> cache_write_tokens{};
  /// The counts are not the provider's last word: the answer ended before it came.
  bool estimated = false;

  /// What is billed, as a rule. Absent if the provider reports neither count.
  std::optional<std::uint64_t> total_tokens() const noexcept {
    if (!prompt_tokens && !completion_tokens)
      return std::nullopt;
    return prompt_tokens.value_or(0) + completion_tokens.value_or(0);
  }
  bool operator==(const usage&) const = default;
};

constexpr auto fields_of(const usage* /*type*/) {
  return list_fields(tagged<1>("prompt_tokens", &usage::prompt_tokens),
                     tagged<2>("completion_tokens", &usage::completion_tokens),
                     tagged<3>("reasoning_tokens", &usage::reasoning_tokens),
                     tagged<4>("cached_tokens", &usage::cached_tokens),
                     tagged<5>("cache_write_tokens", &usage::cache_write_tokens),
                     tagged<6>("estimated", &usage::estimated));
}

/// Why the model stopped.
enum class finish_reason : std::uint8_t {
  /// It was done, or met a stop sequence.
  stop = 1,
  /// The token limit cut it.
  length = 2,
  /// It asks for a tool to be called.
  tool_calls = 3,
  /// Done, for a reason of the provider's own.
  other = 4,
};

/// The name as it appears in JSON, for instance "length".
MAGNA_EXPORT std::string to_string(finish_reason x);
/// Reads what `to_string` writes; false if it is none of them.
MAGNA_EXPORT bool from_string(caf_string_view str, finish_reason& x);
/// False if the value is not one of the enumerators.
MAGNA_EXPORT bool from_integer(std::uint8_t value, finish_reason& x);

template <class Inspector>
bool inspect(Inspector& f, finish_reason& x) {
  return inspect_enum(f, x, finish_reason::other);
}

/// One try at one provider, as it stands in the trail of a completion or failure.
struct attempt_record {
  /// Its name.
  std::string provider{};
  /// The model that was asked for.
  std::string model{};
  /// Absent: the attempt succeeded.
  std::optional<errc> error{};
  /// What went wrong, in words; the provider's own where it sent some, with keys redacted.
  std::string message{};
  /// The provider's HTTP status, 0 where none came.
  std::uint16_t http_status = 0;
  /// By the clock of the host that made it.
  caf::timestamp started{};
  /// The backoff before it: 0 for the first attempt at a provider.
  caf::timespan wait{};
  /// From its start to its end.
  caf::timespan duration{};
  /// How long the provider asks to wait.
  std::optional<caf::timespan> retry_after{};
  /// The provider's own word on whether a retry makes sense.
  std::optional<bool> should_retry{};
  /// The provider has another key to try after one was refused or is resting.
  bool another_key = false;
  /// With invalid_request: the provider or its model can't do what is asked; another may.
  bool unsupported = false;
  /// The provider's own name for the request, which its support asks for; empty where it sent none.
  std::string provider_request_id{};

  bool operator==(const attempt_record&) const = default;
};

constexpr auto fields_of(const attempt_record* /*type*/) {
  return list_fields(
    tagged<1>("provider", &attempt_record::provider), tagged<2>("model", &attempt_record::model),
    tagged<3>("error", &attempt_record::error), tagged<4>("message", &attempt_record::message),
    tagged<5>("http_status", &attempt_record::http_status), tagged<6>("started", &attempt_record::started),
    tagged<7>("wait", &attempt_record::wait), tagged<8>("duration", &attempt_record::duration),
    tagged<9>("retry_after", &attempt_record::retry_after),
    tagged<10>("should_retry", &attempt_record::should_retry),
    tagged<11>("another_key", &attempt_record::another_key),
    tagged<12>("unsupported", &attempt_record::unsupported),
    tagged<13>("provider_request_id", &attempt_record::provider_request_id));
}

/// An attempt begins to deliver: the chunks that follow are of this one. Another one after it means that the
/// first had only thoughts to tell before it failed.
struct started {
  /// Of the request that it answers.
  std::string request_id{};
  /// Which attempt, counted from 1 in the order of their starts.
  std::uint32_t attempt = 0;
  /// Who answers.
  std::string provider{};
  /// The model that answers, as it was asked for.
  std::string model{};

  bool operator==(const started&) const = default;
};

constexpr auto fields_of(const started* /*type*/) {
  return list_fields(tagged<1>("request_id", &started::request_id), tagged<2>("attempt", &started::attempt),
                     tagged<3>("provider", &started::provider), tagged<4>("model", &started::model));
}

/// What arrived together of an answer. The chunks of a request come in order, `seq` counting from 0 with no gap
/// over all its attempts. They name no request: their sender is `accepted::control`.
struct chunk {
  /// Its place in the answer, from 0.
  std::uint64_t seq = 0;
  /// In the model's order, at least one, none of them empty; neighbours of one kind and index are one part.
  std::vector<part> parts{};

  /// The text parts, joined: empty if there are only parts of other kinds.
  std::string text() const {
    std::string result;
    for (const auto& x : parts)
      if (x.kind == part_kind::text)
        result += x.bytes;
    return result;
  }
  bool operator==(const chunk&) const = default;
};

constexpr auto fields_of(const chunk* /*type*/) {
  return list_fields(tagged<1>("seq", &chunk::seq), tagged<2>("parts", &chunk::parts));
}

/// The good end of a request.
struct completion {
  /// Of the request that it answers.
  std::string request_id{};
  /// Who answered.
  std::string provider{};
  /// The model that answered, as the provider names it.
  std::string model{};
  /// Why the model stopped.
  finish_reason finish = finish_reason::stop;
  /// The whole answer. From an actor, empty after a stream: its text went out as chunks already.
  std::string text{};
  /// Tokens, as far as the provider told.
  magna::usage usage{};
  /// From the request's arrival to the first text; the same as `total` when nothing was streamed.
  caf::timespan ttft{};
  /// From the request's arrival to the end of the answer.
  caf::timespan total{};
  /// Every attempt, in the order of their starts; the last one that has no error gave the answer.
  std::vector<attempt_record> attempts{};
  /// What the model asks the application to call, in its order; with finish_reason::tool_calls.
  std::vector<tool_call> tool_calls{};
  /// What the model thought aloud, also after a stream; empty if the provider does not tell.
  std::string reasoning{};
  /// What the model wants to see again before its text.
  std::vector<opaque_item> items{};
  /// Of an embedding: one vector for each input, in their order, all of one model.
  std::vector<embedding> embeddings{};

  /// The answer as the assistant's message, ready for the next request's history.
  MAGNA_EXPORT chat_message message() const;
  bool operator==(const completion&) const = default;
};

constexpr auto fields_of(const completion* /*type*/) {
  return list_fields(tagged<1>("request_id", &completion::request_id),
                     tagged<2>("provider", &completion::provider), tagged<3>("model", &completion::model),
                     tagged<4>("finish", &completion::finish), tagged<5>("text", &completion::text),
                     tagged<6>("usage", &completion::usage), tagged<7>("ttft", &completion::ttft),
                     tagged<8>("total", &completion::total), tagged<9>("attempts", &completion::attempts),
                     tagged<10>("tool_calls", &completion::tool_calls),
                     tagged<11>("reasoning", &completion::reasoning), tagged<12>("items", &completion::items),
                     tagged<13>("embeddings", &completion::embeddings));
}

/// The bad end of a request. Facts are fields: nobody has to parse `message`.
struct failure {
  /// Of the request that it ends.
  std::string request_id{};
  /// What happened.
  errc error = errc::provider_error;
  /// In words, for people; keys are redacted.
  std::string message{};
  /// The provider of the last attempt; empty if there was none.
  std::string provider{};
  /// The provider's HTTP status, 0 where none came.
  std::uint16_t http_status = 0;
  /// Whether the same request may well succeed later.
  bool retryable = false;
  /// How long to wait first, where a provider said so.
  std::optional<caf::timespan> retry_after{};
  /// Unicode characters of text and calls that went out as chunks before the break. More than 0: what the
  /// requester has is incomplete.
  std::uint64_t delivered_chars = 0;
  /// What the last attempt had used, as far as the provider told.
  magna::usage usage{};
  /// Every attempt, in the order of their starts.
  std::vector<attempt_record> attempts{};

  bool operator==(const failure&) const = default;
};

constexpr auto fields_of(const failure* /*type*/) {
  return list_fields(
    tagged<1>("request_id", &failure::request_id), tagged<2>("error", &failure::error),
    tagged<3>("message", &failure::message), tagged<4>("provider", &failure::provider),
    tagged<5>("http_status", &failure::http_status), tagged<6>("retryable", &failure::retryable),
    tagged<7>("retry_after", &failure::retry_after), tagged<8>("delivered_chars", &failure::delivered_chars),
    tagged<9>("usage", &failure::usage), tagged<10>("attempts", &failure::attempts));
}

/// Ends a request early: upstream's transfer is closed and one failure with errc::cancelled comes.
struct cancel {
  /// As in `accepted` and the chunks.
  std::string request_id{};

  bool operator==(const cancel&) const = default;
};

constexpr auto fields_of(const cancel* /*type*/) {
  return list_fields(tagged<1>("request_id", &cancel::request_id));
}

/// Lets `bytes` more of a request's parts come.
struct credit {
  /// As in `accepted` and the chunks.
  std::string request_id{};
  /// In addition to what is left.
  std::uint64_t bytes = 0;

  bool operator==(const credit&) const = default;
};

constexpr auto fields_of(const credit* /*type*/) {
  return list_fields(tagged<1>("request_id", &credit::request_id), tagged<2>("bytes", &credit::bytes));
}

} // namespace magna
