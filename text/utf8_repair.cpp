#include <magna/text/utf8_repair.hpp>

namespace magna {

namespace {

/// How many bytes at the start of `text` belong together, and whether they are a character.
struct sequence {
  std::size_t size;
  bool valid;
};

sequence first_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80)
    return {1, true};
  if (lead < 0xC2 || lead > 0xF4)
    return {1, false};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < size; ++i) {
    if (i == text.size() || byte(i) < (i == 1 ? low : 0x80) || byte(i) > (i == 1 ? high : 0xBF))
      return {i, false};
  }
  return {size, true};
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
