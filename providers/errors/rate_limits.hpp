#pragma once

#include <chrono>
#include <optional>

#include <magna/providers/transport/http.hpp>

namespace magna {

/// For how long the key of a response has nothing left to use, by the headers that tell its limits: `x-ratelimit-*` of
/// OpenAI and its like, `anthropic-ratelimit-*`. Nothing: it has, or nobody says. At most an hour.
std::optional<std::chrono::milliseconds> exhausted_for(const http_head& head,
                                                       std::chrono::system_clock::time_point now);

} // namespace magna
