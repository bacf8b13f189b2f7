#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <magna/actors/observers/observer.hpp>

namespace magna {

/// All observers of a runtime. One that throws is caught, logged and counted; the others hear all the same.
/// Thread-safe: the list does not change.
class observers {
public:
  observers() = default;
  explicit observers(std::vector<std::shared_ptr<observer>> list) : list_(std::move(list)) {}

  bool empty() const noexcept { return list_.empty(); }

  void tell(const request_event& what) const noexcept { call(&observer::on_request, what); }
  void tell(const attempt_start_event& what) const noexcept { call(&observer::on_attempt_start, what); }
  void tell(const attempt_event& what) const noexcept { call(&observer::on_attempt, what); }
  void tell(const end_event& what) const noexcept { call(&observer::on_end, what); }
  void tell(const health_event& what) const noexcept { call(&observer::on_health, what); }
  void tell(const restart_event& what) const noexcept { call(&observer::on_restart, what); }

  /// Calls that ended with an exception.
  std::uint64_t failures() const noexcept { return failures_.load(); }

private:
  template <class Event>
  void call(void (observer::*how)(const Event&), const Event& what) const noexcept {
    for (const auto& x : list_) {
      try {
        ((*x).*how)(what);
      } catch (...) {
        note_failure();
      }
    }
  }

  /// Logs the exception at hand.
  void note_failure() const noexcept;

  std::vector<std::shared_ptr<observer>> list_;
  mutable std::atomic<std::uint64_t> failures_ = 0;
};

using observers_ptr = std::shared_ptr<const observers>;

} // namespace magna
