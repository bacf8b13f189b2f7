#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <magna/messages/export.hpp>
#include <magna/providers/parsing/json_text.hpp>

namespace magna {

/// What an error says, in whichever of the forms that providers use.
struct error_facts {
  /// The provider's own words.
  std::string message;
  /// Gemini's `status`, OpenAI's `code`.
  std::string code;
  /// OpenAI's and Anthropic's `type`.
  std::string type;
  /// OpenAI: the parameter that is to blame.
  std::string param;
  /// A code that is a number: an HTTP status in most cases. 0: none.
  int number = 0;
  /// Codes that say more than the one above: Gemini's ErrorInfo.reason, Azure's innererror.code, Anthropic's error_code.
  std::vector<std::string> reasons;
  /// Gemini: a limit that does not go away within minutes.
  bool daily_quota = false;
  /// What the body says beside its prose.
  std::optional<std::chrono::milliseconds> retry_delay;
  /// The same as a moment.
  std::optional<std::chrono::system_clock::time_point> retry_at;
};

/// The error in a document that may as well be part of an answer: {"error": ...}, a list of one such, or an
/// object that calls itself an error or no success. Nothing: it is none. `has_halves` as in json_document.
MAGNA_EXPORT std::optional<error_facts> find_error(const nlohmann::json& value, bool has_halves);

/// The same for the body of a response with an error status, which is an error whatever it looks like.
MAGNA_EXPORT error_facts read_error_body(std::string_view body);

/// One line of plain text for a body that is not JSON: the title of a page, or the start of the text.
MAGNA_EXPORT std::string summarize_text(std::string_view body);

/// Whether a body is a page for humans.
MAGNA_EXPORT bool looks_like_html(std::string_view body) noexcept;

} // namespace magna
