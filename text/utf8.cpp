#include <magna/text/utf8.hpp>

#include <algorithm>
#include <iterator>

namespace magna {

namespace {

/// The characters of more than one byte, by their first byte.
struct lead_bytes {
  unsigned char first;
  unsigned char last;
  /// Of the whole character.
  std::size_t length;
  /// The range of the second byte; every further byte is 80 to BF.
  unsigned char low;
  unsigned char high;
};

constexpr lead_bytes lead_table[] = {
  {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, // less would be overlong
  {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, // more would be surrogates
  {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF}, // less would be overlong
  {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F}, // more would be above U+10FFFF
};

/// How many bytes at the start of `text` belong together, and whether they are a character.
struct sequence {
  std::size_t size;
  bool valid;
};

sequence first_sequence(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80)
    return {1, true};
  const auto* lead =
    std::ranges::find_if(lead_table, [&](const auto& x) { return byte(0) >= x.first && byte(0) <= x.last; });
  if (lead == std::end(lead_table))
    return {1, false};
  for (std::size_t i = 1; i < lead->length; ++i)
    if (i == text.size() || byte(i) < (i == 1 ? lead->low : 0x80) || byte(i) > (i == 1 ? lead->high : 0xBF))
      return {i, false};
  return {lead->length, true};
}

} // namespace

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  std::size_t position = 0;
  while (position < text.size()) {
    const auto [size, valid] = first_sequence(text.substr(position));
    if (!valid)
      break;
    position += size;
  }
  return position;
}

std::uint64_t count_characters(std::string_view text) noexcept {
  return static_cast<std::uint64_t>(std::count_if(
    text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_valid_utf8(std::string& out, std::string_view text) {
  for (;;) {
    const auto good = valid_utf8_prefix(text);
    out += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty())
      return;
    out += replacement_character;
    text.remove_prefix(first_sequence(text).size);
  }
}

void append_code_point(std::string& out, char32_t code_point) {
  const auto put = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

} // namespace magna
