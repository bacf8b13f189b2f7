#pragma once

#include <concepts>

namespace magna {

/// Base of the messages that say all with their type.
struct signal {
  bool operator==(const signal&) const = default;
};

template <class Inspector, std::derived_from<signal> T>
bool inspect(Inspector& f, T& x) {
  return f.object(x).fields();
}

} // namespace magna
