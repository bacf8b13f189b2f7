#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include <magna/text/assert.hpp>

namespace magna {

/// How many bytes of text may still go to a requester, as a value. What goes beyond the credit, since text is
/// not held back half, is a debt: the next grant pays it first, so that the excess is never more than one
/// delta's.
class credit_balance {
public:
  /// Nothing: no limit.
  explicit credit_balance(std::optional<std::uint64_t> initial) {
    if (initial)
      left_ = bounded(*initial);
  }

  bool limited() const noexcept { return left_.has_value(); }
  bool exhausted() const noexcept { return left_ && *left_ <= 0; }

  void grant(std::uint64_t bytes) noexcept {
    if (left_)
      left_ = std::min(*left_, most) + bounded(bytes);
  }
  void spend(std::size_t bytes) {
    if (!left_)
      return;
    MAGNA_ASSERT(*left_ >= -most);
    *left_ -= bounded(bytes);
  }

  /// What a new attempt may begin with.
  std::optional<std::uint64_t> left() const noexcept {
    if (!left_)
      return std::nullopt;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*left_, 0));
  }

private:
  static constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;
  static std::int64_t bounded(std::uint64_t bytes) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, most));
  }

  std::optional<std::int64_t> left_;
};

} // namespace magna
