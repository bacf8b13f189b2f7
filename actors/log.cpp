#include <magna/actors/log.hpp>

#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <magna/text/mutex.hpp>

namespace magna {

namespace {

struct place {
  magna::mutex mutex;
  std::shared_ptr<spdlog::logger> value MAGNA_GUARDED_BY(mutex) = [] {
    auto made = std::make_shared<spdlog::logger>("magna", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::err);
    return made;
  }();
};

/// Never destroyed: actors may log to the very end of the process.
place& where() {
  static auto* const result = new place;
  return *result;
}

} // namespace

std::shared_ptr<spdlog::logger> logger() {
  auto& now = where();
  const mutex_lock guard{now.mutex};
  return now.value;
}

void set_logger(std::shared_ptr<spdlog::logger> value) {
  auto& now = where();
  const mutex_lock guard{now.mutex};
  now.value = std::move(value);
}

} // namespace magna
