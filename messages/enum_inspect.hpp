#pragma once

#include <type_traits>

#include <caf/default_enum_inspect.hpp>

namespace magna {

/// The `inspect` of an enumeration that may get new enumerators: between nodes one that this version does not
/// have is read as `fallback`. Names, as JSON and configurations have them, must be known.
template <class Inspector, class Enum>
bool inspect_enum(Inspector& f, Enum& x, Enum fallback) {
  using number = std::underlying_type_t<Enum>;
  if (f.has_human_readable_format())
    return caf::default_enum_inspect(f, x);
  const auto get = [&x] { return static_cast<number>(x); };
  const auto set = [&x, fallback](number value) {
    if (!from_integer(value, x))
      x = fallback;
    return true;
  };
  return f.apply(get, set);
}

} // namespace magna
