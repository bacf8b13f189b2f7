#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include <magna/bench/load.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna::bench {

/// A transport without a network: a thread that has every answer at hand and tells it event by event, as it
/// would arrive. What a runtime on it costs is magna's own. Where a load has streams beside it, every stream
/// is one of these: it begins with one event, and is silent from then on.
class canned_transport final : public transport {
public:
  explicit canned_transport(const load& what);
  ~canned_transport() override;

  canned_transport(const canned_transport&) = delete;
  canned_transport& operator=(const canned_transport&) = delete;

  transfer_id start(http_request request, const transfer_options& options,
                    std::shared_ptr<transfer_listener> listener) override;
  void resume(transfer_id id) override;
  void cancel(transfer_id id) override;

private:
  struct running {
    std::shared_ptr<transfer_listener> listener;
    std::size_t told = 0;
    bool paused = false;
    bool is_silent = false;
  };

  void run();
  /// Tells a transfer what is left, until it pauses. Returns whether it is over.
  bool tell(running& x) const;

  std::string body_;
  std::string event_;
  /// What comes at once.
  std::size_t piece_;
  bool streams_;
  bool has_silent_streams_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex:
  transfer_id last_id_ = 0;
  std::unordered_map<transfer_id, std::shared_ptr<running>> all_;
  std::deque<transfer_id> ready_;
  bool stop_ = false;

  std::thread thread_;
};

} // namespace magna::bench
