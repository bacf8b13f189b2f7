#pragma once

#include <chrono>
#include <string>

namespace magna {

/// "0.25 s", with as many digits as it takes, up to milliseconds: for limits that were set.
std::string seconds_text(std::chrono::milliseconds value);

/// "250 ms", "1.5 s", "2 min 5 s": rounded, in the unit that suits a reader.
std::string readable_duration(std::chrono::nanoseconds value);

} // namespace magna
