#include <magna/tests/soak/ledger.hpp>

#include <algorithm>

namespace magna::soak {

namespace {

constexpr std::size_t most_examples = 20;

} // namespace

std::uint64_t totals::failures() const {
  std::uint64_t result = 0;
  for (const auto& [error, count] : failed)
    result += count;
  return result;
}

std::uint64_t totals::cancelled() const {
  const auto found = failed.find(errc::cancelled);
  return found == failed.end() ? 0 : found->second;
}

void ledger::sent(const std::string& id, std::chrono::nanoseconds deadline) {
  const std::lock_guard guard{mutex_};
  ++totals_.sent;
  open_.emplace(id, steady::now() + deadline);
}

void ledger::completed(const std::string& id, std::size_t attempts) {
  const std::lock_guard guard{mutex_};
  ++totals_.completed;
  totals_.attempts += attempts;
  close(id);
}

void ledger::failed(const std::string& id, std::optional<errc> error, std::size_t attempts) {
  const std::lock_guard guard{mutex_};
  if (error)
    ++totals_.failed[*error];
  else
    ++totals_.unheard;
  totals_.attempts += attempts;
  close(id);
}

void ledger::abandoned(const std::string& id) {
  const std::lock_guard guard{mutex_};
  ++totals_.abandoned;
  open_.erase(id);
}

void ledger::text(std::size_t bytes) {
  const std::lock_guard guard{mutex_};
  ++totals_.chunks;
  totals_.bytes += bytes;
}

void ledger::cancelled_within(std::chrono::nanoseconds time) {
  const std::lock_guard guard{mutex_};
  totals_.slowest_cancel = std::max(totals_.slowest_cancel, time);
}

void ledger::violation(const std::string& id, std::string_view what) {
  const std::lock_guard guard{mutex_};
  ++totals_.violations;
  if (totals_.examples.size() < most_examples)
    totals_.examples.push_back(id + ": " + std::string{what});
}

totals ledger::so_far() const {
  const std::lock_guard guard{mutex_};
  return totals_;
}

std::size_t ledger::in_flight() const {
  const std::lock_guard guard{mutex_};
  return open_.size();
}

std::vector<std::string> ledger::open() const {
  const std::lock_guard guard{mutex_};
  std::vector<std::string> result;
  for (const auto& [id, deadline] : open_)
    result.push_back(id);
  return result;
}

void ledger::close(const std::string& id) {
  const auto found = open_.find(id);
  if (found == open_.end())
    return;
  totals_.latest_end = std::max(totals_.latest_end, std::chrono::nanoseconds{steady::now() - found->second});
  open_.erase(found);
}

} // namespace magna::soak
