#pragma once

#include <cstddef>

namespace magna {

/// Makes sure that this process can have so many threads more: starts them, and ends them. Throws
/// std::system_error if it can't. An actor system that gets only some of its threads neither starts nor ends.
void require_threads(std::size_t count);

} // namespace magna
