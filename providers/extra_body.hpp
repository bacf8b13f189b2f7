#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace magna {

/// What keeps a text from being parameters::extra_body, in words; nothing: it can be. It is an object of JSON of at most
/// 1 MiB, and leaves alone what magna itself depends on: whether the answer streams, and that there is one answer.
std::optional<std::string> problem_with_extra_body(std::string_view text);

} // namespace magna
