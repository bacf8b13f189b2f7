#include <magna/actors/observers/log_observer.hpp>

#include <string>
#include <variant>

#include <spdlog/spdlog.h>

#include <magna/actors/log.hpp>
#include <magna/text/duration.hpp>

namespace magna {

void log_observer::on_request(const request_event& what) {
  const auto log = logger();
  if (!log->should_log(spdlog::level::debug))
    return;
  std::string labels;
  for (const auto& [key, value] : what.question->metadata)
    labels.append(" ").append(key).append("=").append(value);
  log->debug("[{}] accepted, {} message(s){}", what.question->id, what.question->messages.size(), labels);
}

void log_observer::on_attempt_start(const attempt_start_event& what) {
  logger()->debug("[{}] attempt {} at {}, model {}", what.question->id, what.attempt_id, what.provider,
                  what.model);
}

void log_observer::on_attempt(const attempt_event& what) {
  const auto& record = what.record;
  if (!record.error || *record.error == errc::cancelled)
    return;
  logger()->warn("[{}] attempt {} at {} failed: {}: {}", what.question->id, what.attempt_id, record.provider,
                 to_string(*record.error), record.message);
}

void log_observer::on_end(const end_event& what) {
  const auto log = logger();
  if (const auto* whole = std::get_if<completion>(&what.end)) {
    if (log->should_log(spdlog::level::info))
      log->info("[{}] completed by {}, model {}, after {} attempt(s) and {}", whole->request_id,
                whole->provider, whole->model, whole->attempts.size(), readable_duration(whole->total));
    return;
  }
  const auto& broken = std::get<failure>(what.end);
  log->log(broken.error == errc::cancelled ? spdlog::level::info : spdlog::level::warn, "[{}] failed: {}: {}",
           broken.request_id, to_string(broken.error), broken.message);
}

void log_observer::on_health(const health_event& what) {
  logger()->log(what.to == health_state::healthy ? spdlog::level::info : spdlog::level::warn,
                "{}: {} -> {}{}{}", what.provider, to_string(what.from), to_string(what.to),
                what.message.empty() ? "" : ": ", what.message);
}

void log_observer::on_restart(const restart_event& what) {
  if (what.wait.count() == 0)
    logger()->error("{} crashed ({}); it was restarted", what.child, what.reason);
  else
    logger()->error("{} keeps crashing ({}); next restart in {}", what.child, what.reason,
                    readable_duration(what.wait));
}

} // namespace magna
