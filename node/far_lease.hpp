#pragma once

#include <memory>
#include <string>
#include <utility>

#include <magna/actors/providers/lease.hpp>

namespace magna {

/// Which provider of which node is asked.
struct far_place {
  /// As it is called on both nodes.
  std::string provider;
  node_actor node;
  /// Where the node is, in words.
  std::string address;
};

/// A place at a provider of another node. The exchange asks that node's service for an answer of that provider
/// alone, with one attempt:
///
///     generation --request, credit, cancel--> node          the request's actor is the requester there
///         ^------started, chunk*, end-------'
class far_lease final : public lease {
public:
  far_lease(std::uint64_t serial, std::string model, provider_actor owner,
            std::shared_ptr<provider_meter> meter, far_place where)
    : lease(serial, std::move(model), std::move(owner), std::move(meter)), where_(std::move(where)) {}

  std::unique_ptr<exchange> open(const exchange_host& host) override;

private:
  far_place where_;
};

} // namespace magna
