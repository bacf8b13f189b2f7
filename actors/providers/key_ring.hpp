#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <magna/actors/supervision/clock.hpp>

namespace magna {

/// A provider's API keys, used round robin. A key that was refused is out until reload; a rate-limited one
/// rests. A provider without keys has one empty key.
class key_ring {
public:
  explicit key_ring(std::vector<std::string> keys);

  struct choice {
    std::uint32_t index;
    std::string key;
  };

  /// The next key that may be used, or nothing.
  std::optional<choice> next(steady_time now);

  /// How many keys may be used now, `except` not counted.
  std::size_t usable(steady_time now, std::optional<std::uint32_t> except = std::nullopt) const;

  /// `index` is one that `next` returned; the same goes for `rest`.
  void refuse(std::uint32_t index);
  void rest(std::uint32_t index, steady_time until);

  /// When the first resting key may be used again; nothing if none rests.
  std::optional<steady_time> next_rested(steady_time now) const;

private:
  struct entry {
    std::string key;
    bool refused = false;
    steady_time rest_until{};
  };
  static bool usable(const entry& x, steady_time now) { return !x.refused && x.rest_until <= now; }

  std::vector<entry> entries_;
  std::size_t turn_ = 0;
};

} // namespace magna
