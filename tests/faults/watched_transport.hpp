#pragma once

#include <atomic>
#include <memory>

#include <magna/providers/transport/curl_transport.hpp>

namespace magna::test {

/// The real transport, with an eye on how many transfers it has not let go of. Thread-safe.
class watched_transport final : public transport {
public:
  transfer_id start(http_request request, const transfer_options& options,
                    std::shared_ptr<transfer_listener> listener) override;
  void resume(transfer_id id) override;
  void cancel(transfer_id id) override;

  /// A count that outlives the transport.
  std::shared_ptr<const std::atomic<int>> open_transfers() const { return open_; }

private:
  std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
  curl_transport real_;
};

} // namespace magna::test
