#include <magna/actors/observers/observers.hpp>

#include <exception>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>

namespace magna {

void observer::on_request(const request_event&) {}
void observer::on_attempt_start(const attempt_start_event&) {}
void observer::on_attempt(const attempt_event&) {}
void observer::on_end(const end_event&) {}
void observer::on_health(const health_event&) {}
void observer::on_restart(const restart_event&) {}

void observers::note_failure() const noexcept {
  const auto count = failures_.fetch_add(1) + 1;
  // An observer that throws does so every time: the log hears of it at 1, 2, 4, 8, ... failures.
  if ((count & (count - 1)) != 0)
    return;
  try {
    try {
      throw;
    } catch (const std::exception& problem) {
      logger()->error("an observer threw: {} ({} time(s) so far)", problem.what(), count);
    } catch (...) {
      logger()->error("an observer threw something that is no exception ({} time(s) so far)", count);
    }
  } catch (...) {
    // The log failed as well; the count remains.
  }
}

} // namespace magna
