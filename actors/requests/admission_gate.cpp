#include <magna/actors/requests/admission_gate.hpp>

#include <algorithm>
#include <chrono>

namespace magna {

namespace {

/// The weight of the latest stay: what happened about ten stays ago hardly counts.
constexpr double latest_weight = 0.2;

} // namespace

admission_gate::verdict admission_gate::ask() const noexcept {
  if (waiting_ == 0 && has_place())
    return verdict::enter;
  return waiting_ < waiting_places_ ? verdict::wait : verdict::refuse;
}

void admission_gate::leave(steady_duration stayed) {
  MAGNA_ASSERT(inside_ > 0);
  MAGNA_ASSERT(stayed >= steady_duration::zero());
  --inside_;
  const auto seconds = std::chrono::duration<double>(stayed).count();
  mean_stay_seconds_ =
    mean_stay_seconds_ == 0 ? seconds : mean_stay_seconds_ + latest_weight * (seconds - mean_stay_seconds_);
}

steady_duration admission_gate::retry_after() const noexcept {
  using std::chrono::duration;
  using std::chrono::duration_cast;
  if (mean_stay_seconds_ == 0)
    return std::chrono::seconds{1};
  // A full house empties one place every mean stay / places.
  const auto ahead = static_cast<double>(waiting_ + 1);
  const auto estimate = mean_stay_seconds_ * ahead / static_cast<double>(places_);
  return duration_cast<steady_duration>(duration<double>{std::clamp(estimate, 0.1, 60.0)});
}

} // namespace magna
