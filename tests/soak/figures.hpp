#pragma once

#include <cstddef>

namespace magna::soak {

/// Bytes of this process that are in memory.
std::size_t resident_bytes();

/// The same after what is free was given back to the system.
std::size_t trimmed_bytes();

/// How many file descriptors this process has open.
std::size_t open_files();

/// Whether memory figures mean something: a sanitizer's allocator keeps what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

} // namespace magna::soak
