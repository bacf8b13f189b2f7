#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <magna/messages/export.hpp>

namespace magna {

/// JSON as providers send it: parsed leniently, for the parts that are not the hot path.
struct json_document {
  nlohmann::json value;
  /// The text had halves of surrogate pairs. In the strings of `value` they stand as stand-ins that only
  /// text_joiner understands.
  bool has_halves = false;
};

/// Parses JSON. Bytes that are not UTF-8 become U+FFFD. Nothing: it is not JSON, or too deep.
MAGNA_EXPORT std::optional<json_document> parse_json(std::string_view text);

/// Puts the strings of consecutive deltas together. A character outside the basic plane is two `\u` escapes
/// in JSON, which a provider may cut apart: the first half waits here for the second. What is appended is
/// valid UTF-8.
class text_joiner {
public:
  /// Appends a string of a document with `has_halves` as given.
  void append(std::string& out, std::string_view text, bool has_halves) {
    if (high_ == 0 && !has_halves)
      out += text;
    else
      append_slowly(out, text, has_halves);
  }

  /// Whether a half waits.
  bool waiting() const noexcept { return high_ != 0; }

  /// Nothing more comes: a half that waits becomes U+FFFD.
  void flush(std::string& out);

private:
  void append_slowly(std::string& out, std::string_view text, bool has_halves);

  char32_t high_ = 0;
};

/// A string of a document as text of its own.
MAGNA_EXPORT std::string plain_text(std::string_view text, bool has_halves);

} // namespace magna
