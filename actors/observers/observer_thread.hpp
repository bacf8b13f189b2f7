#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <magna/actors/observers/observer.hpp>

namespace magna {

/// Calls another observer on a thread of its own, so that it may be slow. Events wait in a queue; one that
/// comes while the queue is full is dropped and counted. The text of a completion is left out.
/// Thread-safe.
class observer_thread final : public observer {
public:
  static constexpr std::size_t default_limit = 8'192;

  /// `target` is not null.
  explicit observer_thread(std::shared_ptr<observer> target, std::size_t limit = default_limit);
  /// As `stop`.
  ~observer_thread() override;

  observer_thread(const observer_thread&) = delete;
  observer_thread& operator=(const observer_thread&) = delete;

  void on_request(const request_event& what) override;
  void on_attempt_start(const attempt_start_event& what) override;
  void on_attempt(const attempt_event& what) override;
  void on_end(const end_event& what) override;
  void on_health(const health_event& what) override;
  void on_restart(const restart_event& what) override;

  /// Tells what waits, and waits for that. Nothing is told from then on, whoever else still refers to this.
  void stop();

  /// Events that found the queue full.
  std::uint64_t dropped() const noexcept;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace magna
