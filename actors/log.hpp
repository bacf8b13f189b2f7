#pragma once

#include <memory>

#include <magna/messages/export.hpp>

/// The library that magna logs with.
namespace spdlog {
class logger;
}

namespace magna {

/// Where magna logs: a spdlog logger of its own, named "magna", so that the program's own log stays what it
/// is. At first it writes errors to stderr. Change its level (`magna::logger()->set_level(...)`, with
/// <spdlog/spdlog.h> included), or the whole of it. No log holds a key. Never null. Thread-safe.
MAGNA_EXPORT std::shared_ptr<spdlog::logger> logger();

/// Logs to another logger from now on. Not null. Thread-safe.
MAGNA_EXPORT void set_logger(std::shared_ptr<spdlog::logger> value);

} // namespace magna
