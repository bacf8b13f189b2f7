#pragma once

#include <string>

#include <caf/error.hpp>

namespace magna {

/// What an error says to a person: its own text, or plain words for what CAF means by it.
std::string error_text(const caf::error& reason);

} // namespace magna
