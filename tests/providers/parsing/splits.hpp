#pragma once

#include <string_view>
#include <vector>

namespace magna::test {

using pieces = std::vector<std::string_view>;

/// Calls `f` with the same bytes whole, byte by byte, and cut in two at every place.
template <class F>
void for_each_split(std::string_view bytes, F f) {
  f(pieces{bytes});
  pieces single;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    single.push_back(bytes.substr(i, 1));
  f(single);
  for (std::size_t i = 1; i < bytes.size(); ++i)
    f(pieces{bytes.substr(0, i), bytes.substr(i)});
}

} // namespace magna::test
