#include <magna/actors/health/health_observer.hpp>

#include <magna/messages/types.hpp>

namespace magna {

void health_observer::on_attempt(const attempt_event& what) {
  if (!what.counts || what.settled)
    return;
  const auto& record = what.record;
  const auto routes = table_->now();
  const auto* provider = routes->find(record.provider);
  if (provider == nullptr || !routes->health_monitor)
    return;
  // From here on successes are news: one that ends after this failure must reach the monitor after it.
  if (record.error)
    provider->meter->settle(false);
  anon_mail(attempt_verdict{.provider = record.provider,
                            .error = record.error,
                            .message = record.message,
                            .retry_after = record.retry_after,
                            .another_key = record.another_key,
                            .model = record.model})
    .send(routes->health_monitor);
}

} // namespace magna
