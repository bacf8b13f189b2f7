#pragma once

#include <span>
#include <string>
#include <string_view>

namespace magna::config {

/// The candidate that `word` was probably meant to be: at most a third of its letters are wrong, missing, too
/// many or swapped with their neighbour. Empty: none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "; did you mean 'x'?", or nothing.
std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates);

} // namespace magna::config
