#include <magna/text/redact.hpp>

#include <algorithm>

#include <magna/text/ascii.hpp>

namespace magna {

namespace {

constexpr std::string_view mark = "[redacted]";

/// Too short a secret would garble every text and protect nothing.
constexpr std::size_t min_secret = 4;

/// Names whose values are secret; matched without regard to case, with '-' and '_' alike.
constexpr std::string_view secret_names[] = {
  "authorization", "x-goog-api-key", "api-key", "apikey", "access-token", "token", "key",
};

struct key_prefix {
  std::string_view prefix;
  /// How many characters of a key must follow, so that ordinary words stay.
  std::size_t min_rest;
};

constexpr key_prefix key_prefixes[] = {
  {"sk-", 6}, {"AIza", 8},  {"AQ.", 8},   {"gsk_", 8},  {"xai-", 8},
  {"hf_", 8}, {"ya29.", 8}, {"AKIA", 12}, {"ASIA", 12}, {"ABSK", 12},
};

/// Keys as they are, and the asterisks of those who mask a part.
bool is_key_character(char c) noexcept {
  return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '*' || c == '~' || c == '+' || c == '/'
         || c == '=';
}

bool is_name_character(char c) noexcept {
  return is_alnum(c) || c == '-' || c == '_';
}

std::size_t count_while(std::string_view text, bool (*predicate)(char) noexcept) noexcept {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), predicate) - text.begin());
}

bool starts_with_name(std::string_view text, std::string_view name) noexcept {
  if (text.size() < name.size())
    return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (const char c = text[i] == '_' ? '-' : to_lower(text[i]); c != name[i])
      return false;
  return true;
}

/// The length of a key at the start of `text` that its prefix gives away, or 0.
std::size_t known_key(std::string_view text) noexcept {
  for (const auto& [prefix, min_rest] : key_prefixes) {
    if (!text.starts_with(prefix))
      continue;
    // A full stop or slash may belong to the sentence or the URL around the key.
    auto rest = count_while(text.substr(prefix.size()), is_key_character);
    while (rest > 0 && (text[prefix.size() + rest - 1] == '.' || text[prefix.size() + rest - 1] == '/'))
      --rest;
    if (rest >= min_rest)
      return prefix.size() + rest;
  }
  return 0;
}

/// How many characters lie between the start of a secret's name and its value: `key=`, `"api_key": "`; 0 if
/// none does.
std::size_t before_value(std::string_view text) noexcept {
  for (const auto name : secret_names) {
    if (!starts_with_name(text, name))
      continue;
    auto rest = text.substr(name.size());
    const auto skip = [&](std::string_view characters) {
      const auto count = std::min(rest.find_first_not_of(characters), rest.size());
      rest.remove_prefix(count);
    };
    if (!rest.empty() && is_name_character(rest.front()))
      continue;
    skip("\"' ");
    // In prose "key: ..." is a sentence; only whole names of headers and fields are taken with a colon.
    const bool has_colon = rest.starts_with(':') && name != "key" && name != "token";
    if (!has_colon && !rest.starts_with('='))
      continue;
    rest.remove_prefix(1);
    skip("\"' ");
    for (const std::string_view scheme : {"bearer ", "basic "})
      if (starts_with_name(rest, scheme))
        rest.remove_prefix(scheme.size());
    return text.size() - rest.size();
  }
  return 0;
}

std::size_t after_bearer(std::string_view text) noexcept {
  static constexpr std::string_view word = "bearer ";
  return starts_with_name(text, word) ? word.size() : 0;
}

bool is_value_character(char c) noexcept {
  return static_cast<unsigned char>(c) > ' ' && c != '&' && c != '"' && c != '\'' && c != '<' && c != '>'
         && c != ')' && c != ',' && c != ';' && c != '}' && c != ']';
}

std::string without_given(std::string_view text, const std::vector<std::string>& secrets) {
  std::string result{text};
  auto sorted = secrets;
  // One secret may be the start of another.
  std::sort(sorted.begin(), sorted.end(), [](const auto& x, const auto& y) { return x.size() > y.size(); });
  for (const auto& secret : sorted) {
    if (secret.size() < min_secret || result.find(secret) == std::string::npos)
      continue;
    std::string next;
    std::string_view rest = result;
    for (auto at = rest.find(secret); at != std::string_view::npos; at = rest.find(secret)) {
      next += rest.substr(0, at);
      next += mark;
      rest.remove_prefix(at + secret.size());
    }
    next += rest;
    result = std::move(next);
  }
  return result;
}

} // namespace

std::string redact(std::string_view text, const std::vector<std::string>& secrets) {
  const auto known = without_given(text, secrets);
  std::string result;
  result.reserve(known.size());
  std::string_view rest = known;
  bool in_word = false;
  while (!rest.empty()) {
    if (!in_word) {
      if (const auto size = known_key(rest); size > 0) {
        result += mark;
        rest.remove_prefix(size);
        continue;
      }
      if (const auto lead = std::max(before_value(rest), after_bearer(rest)); lead > 0) {
        const auto size =
          rest.substr(lead).starts_with(mark) ? 0 : count_while(rest.substr(lead), is_value_character);
        result += rest.substr(0, lead);
        if (size > 0)
          result += mark;
        rest.remove_prefix(lead + size);
        continue;
      }
    }
    in_word = is_alnum(rest.front());
    result += rest.front();
    rest.remove_prefix(1);
  }
  return result;
}

} // namespace magna
