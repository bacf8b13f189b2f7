#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <magna/messages/errc.hpp>

namespace magna {

/// A provider's own word for an error: a code, type, status or reason.
struct code_meaning {
  /// In lower case.
  std::string_view code{};
  /// What it means, whatever the HTTP status.
  errc meaning{};
};

/// What the words of an error say has happened.
enum class verdict : std::uint8_t {
  /// The conversation is too long: context_length_exceeded.
  too_long,
  /// model_not_found.
  no_model,
  /// Money or a budget is used up, and no wait of minutes helps: rate_limited, and no retry.
  no_money,
  /// rate_limited.
  too_fast,
  /// The model or provider can't do this, another may: invalid_request, unsupported.
  incapable,
  /// content_filtered.
  content,
  /// The key itself is wrong: authentication_failed, and the key is put aside.
  bad_key,
  /// The account, or the place it is asked from, may not do this: authentication_failed.
  not_allowed,
  /// provider_unavailable.
  busy,
  /// timeout.
  late,
  /// The model failed, and may do better when asked again: provider_error.
  failed,
};

/// Words by which an error is known, whatever its status and code.
struct phrase_meaning {
  /// What they say.
  verdict means{};
  /// A part of the message, in lower case.
  std::string_view phrase{};
  /// Another part of it, behind the first. Empty: the first will do.
  std::string_view then{};
};

/// The HTTP status that an error of this type has where it is a response of its own, and not part of a
/// stream.
struct type_status {
  /// In lower case.
  std::string_view type{};
  /// Such as 429.
  int status{};
};

/// A parameter that a model may refuse and that a request can do without.
struct parameter_name {
  /// As an error's message or `param` spells it.
  std::string_view spelling{};
  /// As it stands in the request, and in call::refused.
  std::string_view wire_name{};
};

/// Something about the history's items that a server refuses, and that can be written another way.
struct history_fault {
  /// A part of the error's message, in lower case.
  std::string_view phrase{};
  /// As it stands in call::refused.
  std::string_view name{};
  /// The model refuses it in every conversation. If not, the fault is this one's: another model's signature, say.
  bool is_lasting = true;
};

/// How a protocol words its errors, beyond what `map_error` knows of all of them: HTTP statuses, the common
/// codes, retry-after, phrases such as "maximum context length". The texts must live as long as the program.
struct error_dialect {
  /// Looked at before the common ones.
  std::vector<code_meaning> codes{};
  /// Looked at before the common ones.
  std::vector<phrase_meaning> phrases{};
  /// For errors inside a stream that name no status themselves.
  std::vector<type_status> statuses{};
  /// Those that can be left out where a model refuses them.
  std::vector<parameter_name> parameters{};
  /// What a server may have against the conversation's items that the codec can write another way.
  std::vector<history_fault> histories{};
  /// What an error inside a stream means when nothing else in it says. Absent: provider_error.
  std::optional<errc> in_stream{};
};

} // namespace magna
