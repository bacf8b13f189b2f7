#pragma once

#include <string>
#include <string_view>

#include <magna/text/utf8.hpp>

namespace magna {

/// Text that someone else wrote, safe to show on a terminal and in one line: control characters become \xNN,
/// bytes that are not UTF-8 become U+FFFD, and what is longer than `limit` bytes is cut.
inline std::string printable(std::string_view text, std::size_t limit = 200) {
  constexpr std::string_view digits = "0123456789abcdef";
  const bool cut = text.size() > limit;
  if (cut) {
    text = text.substr(0, limit);
    for (int i = 0; i < 3 && !text.empty() && valid_utf8_prefix(text) != text.size(); ++i)
      text.remove_suffix(1);
  }
  std::string valid;
  append_valid_utf8(valid, text);
  std::string result;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    // C1 control characters are two bytes: C2 80 to C2 9F.
    const bool c1 = byte == 0xc2 && static_cast<unsigned char>(valid[i + 1]) < 0xa0;
    const auto shown = c1 ? static_cast<unsigned char>(valid[++i]) : byte;
    if (c1 || byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += digits[shown >> 4];
      result += digits[shown & 15];
    } else {
      result += valid[i];
    }
  }
  return cut ? result + "..." : result;
}

} // namespace magna
