#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <utility>

#include <magna/providers/transport/curl_transport.hpp>

namespace magna::soak {

/// The transport on libcurl, which now and then throws at who uses it, as a bug in it would: an attempt (or a
/// probe) crashes at its start, or in the middle of an answer when it lets a paused transfer go on.
class crashing_transport final : public transport {
public:
  /// One start, and one resume, in this many crashes.
  static constexpr std::uint64_t starts_per_crash = 10'000;
  static constexpr std::uint64_t resumes_per_crash = 2'000;

  explicit crashing_transport(std::uint64_t seed) : random_(seed) {}

  transfer_id start(http_request request, const transfer_options& options,
                    std::shared_ptr<transfer_listener> listener) override {
    maybe_crash(starts_per_crash);
    return inner_.start(std::move(request), options, std::move(listener));
  }

  void resume(transfer_id id) override {
    maybe_crash(resumes_per_crash);
    inner_.resume(id);
  }

  void cancel(transfer_id id) override { inner_.cancel(id); }

  std::uint64_t crashes() const noexcept { return crashes_; }

private:
  void maybe_crash(std::uint64_t once_in) {
    {
      const std::lock_guard guard{mutex_};
      if (std::uniform_int_distribution<std::uint64_t>{1, once_in}(random_) != 1)
        return;
    }
    ++crashes_;
    throw std::runtime_error{"the soak crashes this actor"};
  }

  curl_transport inner_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  std::atomic<std::uint64_t> crashes_ = 0;
};

} // namespace magna::soak
