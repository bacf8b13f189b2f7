#pragma once

#include <magna/messages/fields.hpp>

namespace magna {

/// Base of the messages that say all with their type.
struct signal {
  bool operator==(const signal&) const = default;
};

/// They have no fields yet.
constexpr auto fields_of(const signal* /*type*/) {
  return list_fields();
}

} // namespace magna
