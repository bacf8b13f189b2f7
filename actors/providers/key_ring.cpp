#include <magna/actors/providers/key_ring.hpp>

#include <algorithm>

#include <magna/text/assert.hpp>

namespace magna {

key_ring::key_ring(std::vector<std::string> keys) {
  if (keys.empty())
    keys.emplace_back();
  entries_.reserve(keys.size());
  for (auto& key : keys)
    entries_.push_back({.key = std::move(key)});
}

std::optional<key_ring::choice> key_ring::next(steady_time now) {
  // First those that have something left.
  for (const bool may_be_spared : {false, true})
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto index = (turn_ + i) % entries_.size();
      const auto& x = entries_[index];
      if (usable(x, now) && (may_be_spared || x.spare_until <= now)) {
        turn_ = index + 1;
        return choice{static_cast<std::uint32_t>(index), x.key};
      }
    }
  return std::nullopt;
}

key_ring::choice key_ring::for_probe(steady_time now) {
  if (auto usual = next(now))
    return std::move(*usual);
  const auto back_at = [](const entry& x) { return std::max(x.banned_until, x.rest_until); };
  const auto first = std::ranges::min_element(entries_, {}, back_at);
  return {static_cast<std::uint32_t>(first - entries_.begin()), first->key};
}

std::size_t key_ring::usable(steady_time now, std::optional<std::uint32_t> except) const {
  std::size_t result = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (usable(entries_[i], now) && except != static_cast<std::uint32_t>(i))
      ++result;
  return result;
}

void key_ring::refuse(std::uint32_t index, steady_time now) {
  MAGNA_ASSERT(index < entries_.size());
  auto& x = entries_[index];
  // Without a key there is nothing to put aside: an open server that says 403 once may serve the next
  // request. And attempts that began together are refused together.
  if (x.key.empty() || x.banned_until > now)
    return;
  const auto ban = std::min<steady_duration>(shortest_ban * (1U << std::min(x.refusals, 8U)), longest_ban);
  x.banned_until = now + ban;
  ++x.refusals;
}

void key_ring::accept(std::uint32_t index, bool proven) {
  MAGNA_ASSERT(index < entries_.size());
  entries_[index].banned_until = {};
  if (proven)
    entries_[index].refusals = 0;
}

void key_ring::rest(std::uint32_t index, steady_time until) {
  MAGNA_ASSERT(index < entries_.size());
  entries_[index].rest_until = std::max(entries_[index].rest_until, until);
}

void key_ring::spare(std::uint32_t index, steady_time until) {
  MAGNA_ASSERT(index < entries_.size());
  entries_[index].spare_until = until;
}

std::optional<steady_time> key_ring::next_rested(steady_time now) const {
  std::optional<steady_time> result;
  for (const auto& x : entries_)
    if (x.banned_until <= now && x.rest_until > now && (!result || x.rest_until < *result))
      result = x.rest_until;
  return result;
}

std::optional<steady_time> key_ring::next_forgiven(steady_time now) const {
  std::optional<steady_time> result;
  for (const auto& x : entries_)
    if (x.banned_until > now && (!result || x.banned_until < *result))
      result = x.banned_until;
  return result;
}

std::optional<steady_time> key_ring::spared_until(steady_time now) const {
  std::optional<steady_time> result;
  for (const auto& x : entries_) {
    if (!usable(x, now))
      continue;
    if (x.spare_until <= now)
      return std::nullopt;
    result = result ? std::min(*result, x.spare_until) : x.spare_until;
  }
  return result;
}

} // namespace magna
