#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <magna/messages/caf.hpp>

namespace magna {

/// The vector of a text.
struct embedding {
  /// As many as the model has dimensions, or as were asked for; all finite.
  std::vector<float> values{};

  bool operator==(const embedding&) const = default;
};

/// Between nodes the numbers are one block of little-endian bytes: number by number they would take several times
/// as long.
template <class Inspector>
bool inspect(Inspector& f, embedding& x) {
  static_assert(std::endian::native == std::endian::little, "the bytes have to be swapped here");
  if constexpr (requires { Inspector::is_json; }) {
    return f.object(x).fields(f.field("values", x.values));
  } else {
    if (f.has_human_readable_format())
      return f.object(x).fields(f.field("values", x.values));
    const auto get = [&x] {
      std::string bytes(x.values.size() * sizeof(float), '\0');
      std::memcpy(bytes.data(), x.values.data(), bytes.size());
      return bytes;
    };
    const auto set = [&x](const std::string& bytes) {
      if (bytes.size() % sizeof(float) != 0)
        return false;
      x.values.resize(bytes.size() / sizeof(float));
      std::memcpy(x.values.data(), bytes.data(), bytes.size());
      return true;
    };
    return f.object(x).fields(f.field("bytes", get, set));
  }
}

} // namespace magna
