#include <magna/actors/providers/lease.hpp>

#include <atomic>
#include <utility>

namespace magna {

lease::lease(std::uint64_t serial, std::string model, provider_actor owner,
             std::shared_ptr<provider_meter> meter)
  : serial_(serial),
    model_(std::move(model)),
    owner_(std::move(owner)),
    meter_(std::move(meter)),
    epoch_(meter_->epoch()) {
  meter_->begin_attempt();
}

lease::~lease() {
  give_back({.error = errc::cancelled});
}

void lease::give_back(lease_return outcome) {
  const auto owner = std::exchange(owner_, nullptr);
  if (!owner)
    return;
  meter_->end_attempt();
  outcome.serial = serial_;
  anon_mail(std::move(outcome)).send(owner);
}

std::uint64_t next_lease_serial() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

} // namespace magna
