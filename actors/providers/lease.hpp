#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <magna/actors/health/provider_meter.hpp>
#include <magna/actors/requests/credit_balance.hpp>
#include <magna/actors/requests/exchange.hpp>
#include <magna/messages/types.hpp>

namespace magna {

/// What a lease needs of the request's actor to open an exchange for it.
struct exchange_host {
  /// The actor itself: to send from, and to be woken.
  self_pointer<generation_actor> self;
  const shared_request& question;
  /// When the request has to be over.
  steady_time deadline;
  /// Outlives the exchange.
  credit_balance& credit;
};

/// A place at a provider, with all that an attempt there needs. It goes back to the provider's actor exactly
/// once: with the outcome, by `give_back`, or without one by its destructor, when the request's actor crashed
/// or never got the lease.
class lease {
public:
  /// `owner` is the provider's actor, `meter` the provider's.
  lease(std::uint64_t serial, std::string model, provider_actor owner, std::shared_ptr<provider_meter> meter);
  virtual ~lease();

  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

  /// Names it among all leases of the process.
  std::uint64_t serial() const noexcept { return serial_; }
  /// The model that is asked for.
  const std::string& model() const noexcept { return model_; }
  provider_meter& meter() const noexcept { return *meter_; }
  /// Whether the provider still has the settings that the lease was granted with: a reload may have changed them.
  bool is_current() const noexcept { return epoch_ == meter_->epoch(); }

  /// An exchange with the provider that was not started yet. To be called once.
  virtual std::unique_ptr<exchange> open(const exchange_host& host) = 0;

  /// The attempt is over. Only the first call counts. `outcome.serial` is filled in.
  void give_back(lease_return outcome);

private:
  const std::uint64_t serial_;
  const std::string model_;
  /// Null once it went back.
  provider_actor owner_;
  const std::shared_ptr<provider_meter> meter_;
  const std::uint32_t epoch_;
};

/// Names a lease: unique in the process, so that leases of an actor that a reload or a crash replaced are
/// told from those of its successor.
std::uint64_t next_lease_serial() noexcept;

} // namespace magna
