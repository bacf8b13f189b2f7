#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <magna/actors/settings.hpp>

namespace magna {

/// What a setting may be. Numbers have a range, durations one in seconds; both ends belong to it, except a
/// minimum that is `open`.
struct setting_range {
  std::string_view text;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool open = false;

  /// NaN is in no range.
  constexpr bool contains(double x) const noexcept { return (open ? x > min : x >= min) && x <= max; }
};

/// A duration as the number that a range counts.
constexpr double in_seconds(std::chrono::duration<double> x) noexcept {
  return x.count();
}

/// Those that a request's own values have to be in as well.
namespace setting_ranges {

inline constexpr setting_range temperature{"a number from 0 to 2", 0, 2};
inline constexpr setting_range top_p{"a number more than 0, at most 1", 0, 1, true};
inline constexpr setting_range max_tokens{"a whole number from 1 to 100000000", 1, 100'000'000};
inline constexpr setting_range top_k{"a whole number from 1 to 1000000", 1, 1'000'000};
inline constexpr setting_range max_attempts{"a whole number from 1 to 100", 1, 100};
inline constexpr setting_range deadline{"seconds, more than 0, at most 86400", 0, 86'400, true};
inline constexpr setting_range flag{"true, false, 1, 0, yes, no, on or off"};
inline constexpr setting_range model{"a model's name: 1 to 256 printable characters without spaces"};

} // namespace setting_ranges

/// Where a value is kept; its type says how it is read and checked.
using setting_slot = std::variant<std::optional<double>*, std::uint32_t*, std::optional<std::uint32_t>*,
                                  std::optional<std::int64_t>*, milliseconds*, std::optional<milliseconds>*,
                                  bool*, std::optional<bool>*, std::optional<reasoning_effort>*, std::string*,
                                  std::vector<std::string>*>;

/// Which commands a flag belongs to.
enum class flag_scope : std::uint8_t { none, every_command, ask_only };

/// One setting: all that reading, checking, --help and the documentation need to know. A name is empty where
/// the setting can't be given that way.
struct setting_row {
  /// In the TOML file, and in the errors of `validate`.
  std::string_view key;
  /// In the environment.
  std::string_view variable;
  /// On the command line.
  std::string_view flag;
  flag_scope scope;
  /// What stands for the value in --help; empty: the flag takes none and means true.
  std::string_view placeholder;
  std::string_view fallback;
  setting_range allowed;
  std::string_view meaning;
  /// The value of all providers.
  setting_slot (*of_all)(settings&);
  /// The same for one provider; null: all providers share it.
  setting_slot (*own)(provider_settings&);
  /// Splits a text from environment or command line into a list.
  bool commas = false;
};

/// Every setting but those that make a provider what it is. A new setting is a member of `settings`, a row
/// here, and an entry in README and manual.
std::span<const setting_row> setting_table();

} // namespace magna
