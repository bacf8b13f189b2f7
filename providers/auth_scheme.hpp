#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <magna/messages/export.hpp>

namespace magna {

/// How a request says whose it is.
enum class auth_scheme : std::uint8_t {
  /// `Authorization: Bearer KEY`.
  bearer,
  /// `api-key: KEY`, as Azure has it.
  api_key,
  /// `x-api-key: KEY`, as Anthropic has it.
  x_api_key,
  /// `x-goog-api-key: KEY`, as Google has it.
  x_goog_api_key,
  /// AWS Signature Version 4. The key is `ID:SECRET`, or `ID:SECRET:SESSION_TOKEN`, and is not sent itself.
  aws_sigv4,
};

/// As settings have it: "x-api-key".
MAGNA_EXPORT std::string to_string(auth_scheme x);

/// Reads what `to_string` writes; nothing if it is none.
MAGNA_EXPORT std::optional<auth_scheme> parse_auth_scheme(std::string_view text);

/// All of them, for an error.
MAGNA_EXPORT std::string list_of_auth_schemes();

} // namespace magna
