#pragma once

#include <chrono>
#include <string>

namespace magna {

/// "2.5 s", with one digit after the point: for times that were measured.
std::string tenths_of_seconds(std::chrono::nanoseconds value);

/// "0.25 s", with as many digits as it takes, up to milliseconds: for limits that were set.
std::string seconds_text(std::chrono::milliseconds value);

} // namespace magna
