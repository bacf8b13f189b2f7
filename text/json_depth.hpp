#pragma once

#include <cstddef>
#include <string_view>

namespace magna {

/// How deep JSON from outside may nest. What goes over a document recursively, such as copying or writing it, needs
/// stack for each level.
inline constexpr std::size_t deepest_json = 256;

/// Whether lists and objects stand in each other deeper than that. The text need not be JSON. One pass, no recursion.
bool is_too_deep(std::string_view json, std::size_t limit = deepest_json) noexcept;

} // namespace magna
