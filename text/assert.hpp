#pragma once

namespace magna {

/// Throws `std::logic_error` with the condition, the file and the line.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

} // namespace magna

/// States what a caller must have made sure of, or what has to hold at this place. Every build checks it, so
/// the condition must cost next to nothing. A violated one throws `std::logic_error`, which ends the request
/// or restarts the actor, and leaves the process running. Functions that are noexcept can't have one.
#define MAGNA_ASSERT(condition)                                                                              \
  (static_cast<bool>(condition) ? static_cast<void>(0)                                                       \
                                : ::magna::assertion_failed(#condition, __FILE__, __LINE__))
