#include <magna/actors/providers/key_ring.hpp>

#include <algorithm>

#include <magna/text/assert.hpp>

namespace magna {

key_ring::key_ring(std::vector<std::string> keys) {
  if (keys.empty())
    keys.emplace_back();
  entries_.reserve(keys.size());
  for (auto& key : keys)
    entries_.push_back({std::move(key), false, {}});
}

std::optional<key_ring::choice> key_ring::next(steady_time now) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto index = (turn_ + i) % entries_.size();
    if (usable(entries_[index], now)) {
      turn_ = index + 1;
      return choice{static_cast<std::uint32_t>(index), entries_[index].key};
    }
  }
  return std::nullopt;
}

std::size_t key_ring::usable(steady_time now, std::optional<std::uint32_t> except) const {
  std::size_t result = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (usable(entries_[i], now) && except != static_cast<std::uint32_t>(i))
      ++result;
  return result;
}

void key_ring::refuse(std::uint32_t index) {
  MAGNA_ASSERT(index < entries_.size());
  // Without a key there is nothing to put aside: an open server that says 403 once may serve the next
  // request.
  if (!entries_[index].key.empty())
    entries_[index].refused = true;
}

void key_ring::rest(std::uint32_t index, steady_time until) {
  MAGNA_ASSERT(index < entries_.size());
  entries_[index].rest_until = std::max(entries_[index].rest_until, until);
}

std::optional<steady_time> key_ring::next_rested(steady_time now) const {
  std::optional<steady_time> result;
  for (const auto& x : entries_)
    if (!x.refused && x.rest_until > now && (!result || x.rest_until < *result))
      result = x.rest_until;
  return result;
}

} // namespace magna
