#pragma once

#include <string>

namespace magna {

/// Unique enough to find a request in the logs of several nodes: "req-" and 64 random bits. Thread-safe.
std::string make_request_id();

} // namespace magna
