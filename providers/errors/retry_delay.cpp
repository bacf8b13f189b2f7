#include <magna/providers/errors/retry_delay.hpp>

#include <array>
#include <charconv>
#include <cmath>

#include <magna/text/ascii.hpp>
#include <magna/text/number.hpp>

namespace magna {

namespace {

using std::chrono::milliseconds;

/// Cuts a decimal number with neither sign nor exponent off the start of `text`.
std::optional<double> take_number(std::string_view& text) noexcept {
  if (text.empty() || !is_digit(text.front()))
    return std::nullopt;
  double value = 0;
  const auto [stop, error] =
    std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return value;
}

milliseconds clamped(double count) noexcept {
  return count < static_cast<double>(max_retry_delay.count()) ? milliseconds{std::llround(std::ceil(count))}
                                                              : max_retry_delay;
}

/// Cuts a duration off the start of `text`; it ends where no further number and unit follow.
std::optional<milliseconds> take_duration(std::string_view& text) noexcept {
  struct unit {
    std::string_view name;
    double in_ms;
  };
  static constexpr std::array<unit, 6> units = {
    {{"ms", 1}, {"us", 1e-3}, {"ns", 1e-6}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}}};
  double sum = 0;
  bool found = false;
  for (;;) {
    auto rest = text;
    const auto number = take_number(rest);
    if (!number)
      break;
    if (rest.starts_with(' '))
      rest.remove_prefix(1);
    const auto* match =
      std::find_if(units.begin(), units.end(), [&](const unit& x) { return rest.starts_with(x.name); });
    if (match == units.end())
      break;
    rest.remove_prefix(match->name.size());
    sum += *number * match->in_ms;
    found = true;
    text = rest;
  }
  return found ? std::optional{clamped(sum)} : std::nullopt;
}

std::optional<double> parse_decimal(std::string_view text) noexcept {
  text = trim(text);
  const auto result = take_number(text);
  return text.empty() ? result : std::nullopt;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
  text = trim(text);
  const auto result = take_duration(text);
  return text.empty() ? result : std::nullopt;
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept {
  namespace chrono = std::chrono;
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  text = trim(text);
  if (text.size() != 29 || text[3] != ',' || text[19] != ':' || text[22] != ':' || !text.ends_with(" GMT"))
    return std::nullopt;
  const auto month = months.find(text.substr(8, 3));
  const auto day = parse_number<unsigned>(text.substr(5, 2));
  const auto year = parse_number<unsigned>(text.substr(12, 4));
  const auto hour = parse_number<unsigned>(text.substr(17, 2));
  const auto minute = parse_number<unsigned>(text.substr(20, 2));
  const auto second = parse_number<unsigned>(text.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
    return std::nullopt;
  const chrono::year_month_day date{chrono::year{static_cast<int>(*year)},
                                    chrono::month{static_cast<unsigned>(month / 3 + 1)}, chrono::day{*day}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return chrono::sys_days{date} + chrono::hours{*hour} + chrono::minutes{*minute} + chrono::seconds{*second};
}

std::optional<std::chrono::sys_time<milliseconds>> parse_rfc3339(std::string_view text) noexcept {
  namespace chrono = std::chrono;
  text = trim(text);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't')
      || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto year = parse_number<unsigned>(text.substr(0, 4));
  const auto month = parse_number<unsigned>(text.substr(5, 2));
  const auto day = parse_number<unsigned>(text.substr(8, 2));
  const auto hour = parse_number<unsigned>(text.substr(11, 2));
  const auto minute = parse_number<unsigned>(text.substr(14, 2));
  auto rest = text.substr(17);
  const auto second = take_number(rest);
  if (!year || !month || !day || !hour || !minute || !second)
    return std::nullopt;
  const chrono::year_month_day date{chrono::year{static_cast<int>(*year)}, chrono::month{*month},
                                    chrono::day{*day}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second >= 61)
    return std::nullopt;
  chrono::minutes offset{0};
  if (rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':') {
    const auto hours = parse_number<unsigned>(rest.substr(1, 2));
    const auto minutes = parse_number<unsigned>(rest.substr(4, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59)
      return std::nullopt;
    offset = chrono::hours{*hours} + chrono::minutes{*minutes};
    offset = rest[0] == '-' ? -offset : offset;
  } else if (rest != "Z" && rest != "z") {
    return std::nullopt;
  }
  return chrono::sys_days{date} + chrono::hours{*hour} + chrono::minutes{*minute}
         + milliseconds{std::llround(*second * 1000)} - offset;
}

std::optional<milliseconds> parse_wait(std::string_view text,
                                       std::chrono::system_clock::time_point now) noexcept {
  // Later than any span that a server could mean.
  static constexpr double first_moment = 1e9;
  static constexpr double first_moment_in_ms = 1e12;
  const auto until = [now](auto moment) {
    return std::clamp(std::chrono::ceil<milliseconds>(moment - now), milliseconds{0}, max_retry_delay);
  };
  text = trim(text);
  if (const auto count = parse_decimal(text)) {
    if (*count < first_moment || *count > 1e15)
      return clamped(*count * 1000);
    const auto moment = std::llround(*count >= first_moment_in_ms ? *count : *count * 1000);
    return until(std::chrono::sys_time<milliseconds>{milliseconds{moment}});
  }
  if (const auto span = parse_duration(text))
    return span;
  if (const auto date = parse_http_date(text))
    return until(*date);
  if (const auto moment = parse_rfc3339(text))
    return until(*moment);
  return std::nullopt;
}

std::optional<milliseconds> retry_delay_from_headers(const http_head& head,
                                                     std::chrono::system_clock::time_point now) noexcept {
  if (const auto count = parse_decimal(head.header("retry-after-ms")))
    return clamped(*count);
  const auto date = parse_http_date(head.header("date"));
  return parse_wait(head.header("retry-after"), date ? std::chrono::system_clock::time_point{*date} : now);
}

std::optional<milliseconds> retry_delay_from_prose(std::string_view message) {
  const auto lower = to_lower(message);
  for (const std::string_view phrase : {"retry in ", "try again in ", "retry after "}) {
    const auto at = lower.find(phrase);
    if (at == std::string::npos)
      continue;
    auto rest = std::string_view{lower}.substr(at + phrase.size());
    if (const auto delay = take_duration(rest))
      return delay;
  }
  return std::nullopt;
}

std::optional<bool> should_retry_from_headers(const http_head& head) noexcept {
  const auto value = head.header("x-should-retry");
  return value == "true" ? std::optional{true} : value == "false" ? std::optional{false} : std::nullopt;
}

} // namespace magna
