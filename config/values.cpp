#include <magna/config/values.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <magna/text/ascii.hpp>
#include <magna/text/number.hpp>

namespace magna::config {

namespace {

std::optional<bool> parse_bool(std::string_view text) {
  const auto word = to_lower(text);
  if (word == "true" || word == "1" || word == "yes" || word == "on")
    return true;
  if (word == "false" || word == "0" || word == "no" || word == "off")
    return false;
  return std::nullopt;
}

std::optional<reasoning_effort> parse_effort(std::string_view text) {
  auto result = reasoning_effort::medium;
  return from_string(text, result) ? std::optional{result} : std::nullopt;
}

/// A time that is not 0 does not become 0.
milliseconds to_milliseconds(double seconds) {
  constexpr double limit = 1e12;
  const auto count = std::clamp(seconds * 1000, -limit, limit);
  return milliseconds{
    static_cast<std::int64_t>(count > 0 ? std::max(std::round(count), 1.0) : std::floor(count))};
}

std::optional<std::uint32_t> to_count(std::int64_t value) {
  if (value < 0 || value > std::numeric_limits<std::uint32_t>::max())
    return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

template <class T, class U>
bool store(T* where, std::optional<U> value) {
  if (value)
    *where = std::move(*value);
  return value.has_value();
}

/// Reads a text as what the slot holds.
struct text_reader {
  std::string_view text;
  bool commas;

  bool operator()(std::optional<double>* where) const { return store(where, parse_number<double>(text)); }
  bool operator()(std::optional<std::int64_t>* where) const {
    return store(where, parse_number<std::int64_t>(text));
  }
  bool operator()(std::uint32_t* where) const { return store(where, parse_number<std::uint32_t>(text)); }
  bool operator()(std::optional<std::uint32_t>* where) const {
    return store(where, parse_number<std::uint32_t>(text));
  }
  bool operator()(milliseconds* where) const { return store(where, seconds()); }
  bool operator()(std::optional<milliseconds>* where) const { return store(where, seconds()); }
  bool operator()(bool* where) const { return store(where, parse_bool(text)); }
  bool operator()(std::optional<bool>* where) const { return store(where, parse_bool(text)); }
  bool operator()(std::optional<reasoning_effort>* where) const { return store(where, parse_effort(text)); }
  bool operator()(std::string* where) const {
    *where = text;
    return true;
  }
  bool operator()(std::vector<std::string>* where) const {
    if (!commas) {
      where->emplace_back(text);
      return true;
    }
    *where = split_list(text);
    return !where->empty();
  }

  std::optional<milliseconds> seconds() const {
    const auto value = parse_number<double>(text);
    return value ? std::optional{to_milliseconds(*value)} : std::nullopt;
  }
};

/// Takes a TOML value that has the slot's type.
struct toml_reader {
  const toml_value& value;
  bool commas;

  template <class T>
  std::optional<T> as() const {
    const auto* found = std::get_if<T>(&value.content);
    return found != nullptr ? std::optional{*found} : std::nullopt;
  }

  std::optional<double> number() const {
    if (const auto whole = as<std::int64_t>())
      return static_cast<double>(*whole);
    const auto real = as<double>();
    return real && std::isfinite(*real) ? real : std::nullopt;
  }
  std::optional<std::uint32_t> count() const {
    const auto whole = as<std::int64_t>();
    return whole ? to_count(*whole) : std::nullopt;
  }
  std::optional<milliseconds> seconds() const {
    const auto value_in_seconds = number();
    return value_in_seconds ? std::optional{to_milliseconds(*value_in_seconds)} : std::nullopt;
  }

  bool operator()(std::optional<double>* where) const { return store(where, number()); }
  bool operator()(std::optional<std::int64_t>* where) const { return store(where, as<std::int64_t>()); }
  bool operator()(std::uint32_t* where) const { return store(where, count()); }
  bool operator()(std::optional<std::uint32_t>* where) const { return store(where, count()); }
  bool operator()(milliseconds* where) const { return store(where, seconds()); }
  bool operator()(std::optional<milliseconds>* where) const { return store(where, seconds()); }
  bool operator()(bool* where) const { return store(where, as<bool>()); }
  bool operator()(std::optional<bool>* where) const { return store(where, as<bool>()); }
  bool operator()(std::optional<reasoning_effort>* where) const {
    const auto name = as<std::string>();
    return store(where, name ? parse_effort(*name) : std::nullopt);
  }
  bool operator()(std::string* where) const {
    if (!value.json.empty())
      return store(where, std::optional{value.json});
    return store(where, as<std::string>());
  }
  bool operator()(std::vector<std::string>* where) const {
    if (auto text = as<std::string>())
      return store(where, std::optional{std::vector{std::move(*text)}});
    return store(where, as<std::vector<std::string>>()) && !(commas && where->empty());
  }
};

} // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto part = trim(text.substr(0, comma)); !part.empty())
      result.emplace_back(part);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return result;
}

bool read_text(const slot& where, std::string_view text, bool commas) {
  return std::visit(text_reader{text, commas}, where);
}

bool read_toml(const slot& where, const toml_value& value, bool commas) {
  return std::visit(toml_reader{value, commas}, where);
}

} // namespace magna::config
