#include <magna/text/utf8.hpp>

#include <algorithm>

namespace magna {

namespace {

/// What may follow a lead byte: how many bytes in all, and the range of the second.
struct sequence {
  std::size_t length;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

sequence sequence_of(unsigned char lead) noexcept {
  if (lead < 0x80)
    return {1};
  if (lead >= 0xC2 && lead <= 0xDF)
    return {2};
  if (lead == 0xE0)
    return {3, 0xA0};
  if (lead == 0xED)
    return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF)
    return {3};
  if (lead == 0xF0)
    return {4, 0x90};
  if (lead >= 0xF1 && lead <= 0xF3)
    return {4};
  if (lead == 0xF4)
    return {4, 0x80, 0x8F};
  return {0};
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const auto expected = sequence_of(byte(i));
    if (expected.length == 0 || i + expected.length > text.size())
      return false;
    for (std::size_t k = 1; k < expected.length; ++k) {
      const auto low = k == 1 ? expected.low : 0x80;
      const auto high = k == 1 ? expected.high : 0xBF;
      if (byte(i + k) < low || byte(i + k) > high)
        return false;
    }
    i += expected.length;
  }
  return true;
}

std::uint64_t count_characters(std::string_view text) noexcept {
  return static_cast<std::uint64_t>(std::count_if(
    text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace magna
