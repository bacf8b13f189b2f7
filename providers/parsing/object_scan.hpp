#pragma once

#include <cstddef>
#include <string_view>

namespace magna {

/// Tells by its brackets whether a text that comes in pieces is a whole object of JSON so far. Looks at each character
/// once; what stands between the brackets is not judged.
class object_scan {
public:
  /// The next piece.
  void add(std::string_view piece) noexcept {
    for (const char c : piece) {
      if (is_escaped_)
        is_escaped_ = false;
      else if (in_string_ && c == '\\')
        is_escaped_ = true;
      else if (c == '"')
        in_string_ = !in_string_;
      else if (!in_string_)
        take(c);
    }
  }

  /// As many brackets are closed as were opened, and there were some.
  bool whole() const noexcept { return has_begun_ && depth_ == 0 && !in_string_; }
  /// There was something, and it was no blank.
  bool has_begun() const noexcept { return has_begun_; }

private:
  void take(char c) noexcept {
    if (c == '{' || c == '[')
      ++depth_;
    else if (c == '}' || c == ']')
      --depth_;
    has_begun_ = has_begun_ || !(c == ' ' || c == '\t' || c == '\r' || c == '\n');
  }

  std::ptrdiff_t depth_ = 0;
  bool in_string_ = false;
  bool is_escaped_ = false;
  bool has_begun_ = false;
};

} // namespace magna
