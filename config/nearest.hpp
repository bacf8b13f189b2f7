#pragma once

#include <span>
#include <string>
#include <string_view>

namespace magna::config {

/// The candidate that `word` was probably meant to be: the only one that begins with it, or the one that
/// differs in at most a third of its letters, be they wrong, missing, too many or swapped. Empty: none is
/// near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "; did you mean 'x'?", or nothing.
std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates);

} // namespace magna::config
