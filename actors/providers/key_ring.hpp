#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <magna/actors/supervision/clock.hpp>

namespace magna {

/// A provider's API keys, used round robin. One that was refused is put aside for a while, one that is rate-limited
/// rests, and one that has nothing left is spared while another is there. A provider without keys has one empty key.
class key_ring {
public:
  /// How long a key is put aside: doubles from one refusal to the next.
  static constexpr std::chrono::minutes shortest_ban{10};
  static constexpr std::chrono::minutes longest_ban{60};

  explicit key_ring(std::vector<std::string> keys);

  struct choice {
    std::uint32_t index;
    std::string key;
  };

  /// The next key that may be used, or nothing.
  std::optional<choice> next(steady_time now);

  /// The key to probe the provider with: the next one, and if none may be used, the one that comes back first.
  choice for_probe(steady_time now);

  /// How many keys may be used now, `except` not counted.
  std::size_t usable(steady_time now, std::optional<std::uint32_t> except = std::nullopt) const;

  /// `index` is one that a choice had; the same goes for all below. Its key was refused.
  void refuse(std::uint32_t index, steady_time now);
  /// It was accepted. `proven`: by an answer, and not only by a probe.
  void accept(std::uint32_t index, bool proven);
  /// It must not be used until then.
  void rest(std::uint32_t index, steady_time until);
  /// It has nothing left to use until then.
  void spare(std::uint32_t index, steady_time until);

  /// When the first resting key may be used again; nothing if none rests.
  std::optional<steady_time> next_rested(steady_time now) const;
  /// When the first key that was put aside comes back; nothing if none was.
  std::optional<steady_time> next_forgiven(steady_time now) const;
  /// Until when all keys that may be used are spared; nothing if one is not.
  std::optional<steady_time> spared_until(steady_time now) const;

private:
  struct entry {
    std::string key;
    steady_time banned_until{};
    /// Refusals since the last answer.
    std::uint32_t refusals = 0;
    steady_time rest_until{};
    steady_time spare_until{};
  };
  static bool usable(const entry& x, steady_time now) { return x.banned_until <= now && x.rest_until <= now; }

  std::vector<entry> entries_;
  std::size_t turn_ = 0;
};

} // namespace magna
