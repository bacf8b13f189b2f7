#pragma once

#include <chrono>

namespace magna {

/// CAF keeps a timer that was disposed of, and with it the memory of its actor, until it would have fired. So
/// a long wait is made of timers of at most this: whoever one wakes too early arms the next.
inline constexpr std::chrono::seconds longest_timer{5};

} // namespace magna
