#include <magna/providers/url.hpp>

#include <algorithm>

#include <magna/text/ascii.hpp>
#include <magna/text/host.hpp>

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

std::string_view path_of_url(std::string_view url) noexcept {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  url.remove_prefix(std::min(url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3), url.size()));
  while (url.ends_with('/'))
    url.remove_suffix(1);
  return url;
}

std::string url_to_show(std::string_view url) {
  const auto end = std::min(url.find_first_of("?#"), url.size());
  std::string result{url.substr(0, end)};
  if (const auto at = result.rfind('@'); at != std::string::npos) {
    const auto scheme = result.find("://");
    const auto begin = scheme == std::string::npos || scheme > at ? 0 : scheme + 3;
    result.replace(begin, at - begin, "(hidden)");
  }
  if (end < url.size())
    result.append(1, url[end]).append("(hidden)");
  return result;
}

std::string url_of_ollama_host(std::string_view text) {
  text = trim(text);
  for (const char quote : {'"', '\''})
    if (text.size() > 1 && text.front() == quote && text.back() == quote)
      text = trim(text.substr(1, text.size() - 2));
  std::string scheme = "http";
  std::string_view usual_port = ":11434";
  if (const auto end = text.find("://"); end != std::string_view::npos) {
    scheme = to_lower(text.substr(0, end));
    // The scheme's own.
    usual_port = "";
    text.remove_prefix(end + 3);
  }
  const auto place = text.substr(0, text.find_first_of("/?#"));
  const auto rest = text.substr(place.size());
  const auto parts = parts_of_url(place);
  std::string host{parts.host};
  if (host.empty() || host == "0.0.0.0")
    host = "127.0.0.1";
  else if (host == "[::]")
    host = "[::1]";
  auto result = scheme + "://" + host;
  if (parts.port)
    result.append(":").append(*parts.port);
  else
    result += usual_port;
  result += rest;
  while (result.ends_with('/'))
    result.pop_back();
  return result;
}

} // namespace magna
