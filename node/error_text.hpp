#pragma once

#include <string>

#include <caf/const_typed_message_view.hpp>
#include <caf/error.hpp>

namespace magna {

/// What an error says in words, or its name if it says nothing.
inline std::string error_text(const caf::error& reason) {
  const auto text = caf::make_const_typed_message_view<std::string>(reason.context());
  return text ? caf::get<0>(text) : to_string(reason);
}

} // namespace magna
