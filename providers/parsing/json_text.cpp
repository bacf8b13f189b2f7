#include <magna/providers/parsing/json_text.hpp>

#include <cstdint>

#include <magna/text/json_depth.hpp>
#include <magna/text/utf8.hpp>

namespace magna {

namespace {

// A half of a surrogate pair can't stand in a UTF-8 string, so while a document is parsed U+D800..U+DFFF are
// written as U+10F800..U+10FFFF, the end of a private plane. A text that has those itself gets U+FFFD for its
// halves instead.
constexpr char32_t stand_in_offset = 0x10F800 - 0xD800;
constexpr std::string_view stand_in_lead = "\xF4\x8F";

bool is_stand_in(std::string_view text) noexcept {
  return text.size() >= 4 && text.starts_with(stand_in_lead) && static_cast<unsigned char>(text[2]) >= 0xA0;
}

bool is_high(char32_t unit) noexcept {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(char32_t unit) noexcept {
  return unit >= 0xDC00 && unit < 0xE000;
}

/// The code unit of the `\uXXXX` escape at the start of `text`.
std::optional<char32_t> unicode_escape(std::string_view text) noexcept {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u')
    return std::nullopt;
  char32_t result = 0;
  for (const char c : text.substr(2, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0)
      return std::nullopt;
    result = result * 16 + static_cast<char32_t>(digit);
  }
  return result;
}

/// Whether the text itself uses the code points of the stand-ins, raw or escaped (their high halves are
/// U+DBFE and U+DBFF).
bool uses_stand_ins(std::string_view text) noexcept {
  for (auto at = text.find(stand_in_lead); at != std::string_view::npos;
       at = text.find(stand_in_lead, at + 1))
    if (is_stand_in(text.substr(at)))
      return true;
  for (auto at = text.find("\\u"); at != std::string_view::npos; at = text.find("\\u", at + 2))
    if (const auto unit = unicode_escape(text.substr(at)); unit == 0xDBFE || unit == 0xDBFF)
      return true;
  return false;
}

/// The same JSON in valid UTF-8, with stand-ins for the halves of surrogate pairs.
std::string repair(std::string_view text, bool& has_halves) {
  std::string valid;
  valid.reserve(text.size());
  append_valid_utf8(valid, text);
  const bool replace = uses_stand_ins(valid);
  std::string result;
  result.reserve(valid.size());
  std::string_view rest = valid;
  for (;;) {
    // Backslashes stand only in strings, and always with what they escape.
    const auto next = rest.find('\\');
    result += rest.substr(0, next);
    if (next == std::string_view::npos)
      return result;
    rest.remove_prefix(next);
    const auto unit = unicode_escape(rest);
    if (!unit) {
      result += rest.substr(0, 2);
      rest.remove_prefix(std::min<std::size_t>(2, rest.size()));
    } else if (is_high(*unit) && rest.size() > 6 && is_low(unicode_escape(rest.substr(6)).value_or(0))) {
      result += rest.substr(0, 12);
      rest.remove_prefix(12);
    } else if (is_high(*unit) || is_low(*unit)) {
      append_code_point(result, replace ? char32_t{0xFFFD} : *unit + stand_in_offset);
      has_halves = has_halves || !replace;
      rest.remove_prefix(6);
    } else {
      result += rest.substr(0, 6);
      rest.remove_prefix(6);
    }
  }
}

} // namespace

std::optional<json_document> parse_json(std::string_view text) {
  if (is_too_deep(text))
    return std::nullopt;
  json_document result;
  result.value = nlohmann::json::parse(text, nullptr, false);
  if (result.value.is_discarded()) {
    const auto repaired = repair(text, result.has_halves);
    if (repaired == text)
      return std::nullopt;
    result.value = nlohmann::json::parse(repaired, nullptr, false);
    if (result.value.is_discarded())
      return std::nullopt;
  }
  return result;
}

void text_joiner::flush(std::string& out) {
  if (high_ != 0)
    out += replacement_character;
  high_ = 0;
}

void text_joiner::append_slowly(std::string& out, std::string_view text, bool has_halves) {
  while (!text.empty()) {
    if (has_halves && is_stand_in(text)) {
      const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(text[i]) & 0x3F);
      };
      const auto half = (char32_t{4} << 18 | byte(1) << 12 | byte(2) << 6 | byte(3)) - stand_in_offset;
      text.remove_prefix(4);
      if (is_high(half)) {
        flush(out);
        high_ = half;
      } else if (high_ != 0) {
        append_code_point(out, 0x10000 + ((high_ - 0xD800) << 10) + (half - 0xDC00));
        high_ = 0;
      } else {
        out += replacement_character;
      }
      continue;
    }
    flush(out);
    auto size = has_halves ? text.find(stand_in_lead, 1) : std::string_view::npos;
    size = std::min(size, text.size());
    out += text.substr(0, size);
    text.remove_prefix(size);
  }
}

std::string plain_text(std::string_view text, bool has_halves) {
  std::string result;
  text_joiner joiner;
  joiner.append(result, text, has_halves);
  joiner.flush(result);
  return result;
}

} // namespace magna
