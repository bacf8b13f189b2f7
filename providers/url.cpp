#include <magna/providers/url.hpp>

#include <algorithm>

#include <magna/text/ascii.hpp>

namespace magna {

std::string join_url(std::string_view base, std::string_view path) {
  const auto query = std::min(base.find('?'), base.size());
  auto front = base.substr(0, query);
  while (front.ends_with('/'))
    front.remove_suffix(1);
  std::string result;
  result.reserve(base.size() + path.size());
  result += front;
  result += path;
  if (const auto rest = base.substr(query); rest.size() > 1) {
    result += path.find('?') == std::string_view::npos ? '?' : '&';
    result += rest.substr(1);
  }
  return result;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

} // namespace magna
