#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

/// What each setting may be: one list for the check at start, for error texts, and for --help.
namespace magna::setting_ranges {

/// Both ends belong to the range, except a minimum that is `open`.
template <class T>
struct range {
  T min;
  T max;
  std::string_view text;
  bool open = false;

  /// NaN is in no range.
  constexpr bool contains(T x) const noexcept { return (open ? x > min : x >= min) && x <= max; }
};

using std::chrono::hours;
using std::chrono::milliseconds;

inline constexpr range<double> temperature{0, 2, "a number from 0 to 2"};
inline constexpr range<double> top_p{0, 1, "a number more than 0, at most 1", true};
inline constexpr range<std::uint32_t> max_tokens{1, 100'000'000, "a whole number from 1 to 100000000"};
inline constexpr range<std::uint32_t> max_retries{0, 20, "a whole number from 0 to 20"};
inline constexpr range<std::uint32_t> max_attempts{1, 100, "a whole number from 1 to 100"};
inline constexpr range<std::uint32_t> places{1, 1'000'000, "a whole number from 1 to 1000000"};
inline constexpr range<std::uint32_t> count{0, 1'000'000, "a whole number from 0 to 1000000"};
inline constexpr range<std::uint32_t> threads{1, 64, "a whole number from 1 to 64"};
inline constexpr range<std::uint32_t> percent{0, 1'000, "a whole number from 0 to 1000"};
inline constexpr range<std::uint32_t> failure_threshold{1, 100, "a whole number from 1 to 100"};
inline constexpr range<milliseconds> deadline{milliseconds{0}, hours{24},
                                              "seconds, more than 0, at most 86400", true};
inline constexpr range<milliseconds> pause{milliseconds{0}, hours{24}, "seconds, from 0 to 86400"};
inline constexpr range<milliseconds> retry_delay{milliseconds{0}, milliseconds{60'000},
                                                 "seconds, from 0 to 60"};

inline constexpr std::string_view stop = "texts that are not empty, at most 16";
inline constexpr std::string_view seed = "a whole number";
inline constexpr std::string_view flag = "true, false, 1, 0, yes, no, on or off";
inline constexpr std::string_view name = "1 to 64 letters, digits, '.', '_' or '-', each name once";
inline constexpr std::string_view base_url =
  "an http:// or https:// URL without user, query or fragment, such as https://api.openai.com/v1";
inline constexpr std::string_view node = "HOST:PORT of a node, such as gpu-1.example.org:4711";
inline constexpr std::string_view model = "a model's name: 1 to 256 printable characters without spaces";
inline constexpr std::string_view key = "keys of printable ASCII characters without spaces";
inline constexpr std::string_view headers =
  "header names of HTTP token characters, values without control characters";

} // namespace magna::setting_ranges
