#pragma once

#include <memory>
#include <string>

#include <magna/actors/providers/lease.hpp>
#include <magna/actors/requests/batched_exchange.hpp>
#include <magna/actors/requests/http_exchange.hpp>

namespace magna {

/// A place at a provider that this process asks itself, by HTTP.
class http_lease final : public lease {
public:
  http_lease(std::uint64_t serial, provider_actor owner, std::shared_ptr<provider_meter> meter,
             http_exchange_config config)
    : lease(serial, config.model, std::move(owner), std::move(meter)), config_(std::move(config)) {}

  std::unique_ptr<exchange> open(const exchange_host& host) override {
    auto owner = caf::actor_cast<caf::weak_actor_ptr>(host.self);
    if (host.question->job == job_kind::embedding)
      if (auto parts = split_inputs(host.question, config_.protocol->about().embedding_batch);
          parts.size() > 1)
        return std::make_unique<batched_exchange>(
          std::move(parts), [config = config_, &credit = host.credit, owner](const shared_request& what) {
            return std::make_unique<http_exchange>(config, what, credit, owner);
          });
    return std::make_unique<http_exchange>(std::move(config_), host.question, host.credit, std::move(owner));
  }

private:
  http_exchange_config config_;
};

} // namespace magna
