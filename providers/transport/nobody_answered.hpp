#pragma once

#include <string_view>

namespace magna {

/// Whether an error's message is that of a transfer which found nobody: no connection came about, so that nothing a
/// server has said is behind it.
bool nobody_answered(std::string_view message) noexcept;

} // namespace magna
