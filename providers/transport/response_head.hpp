#pragma once

#include <cstddef>
#include <string_view>

#include <magna/providers/transport/http.hpp>

namespace magna {

/// Builds the head of a response from its lines. Pure. Heads of interim responses (1xx) are dropped, and so
/// is all that follows the final head: trailers.
class response_head_parser {
public:
  enum class progress {
    /// The head is not whole yet.
    more,
    /// This line ended the final head.
    complete,
    /// The lines so far have more than `max_bytes`.
    too_large,
  };

  /// What all lines of a response may have together; real providers send less than 10 KiB.
  static constexpr std::size_t max_bytes = std::size_t{256} << 10;

  /// Takes one line, with or without its line end.
  progress feed(std::string_view line);

  /// Whether the final head is whole.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

  /// The status of the final head; 0 before it is whole.
  [[nodiscard]] int status() const noexcept { return complete_ ? status_ : 0; }

  /// Moves the headers out; status and completeness stay.
  [[nodiscard]] http_head take();

  /// Prepares for the next response.
  void reset();

private:
  void status_line(std::string_view line);
  void header_line(std::string_view line);

  http_head head_;
  int status_ = 0;
  std::size_t bytes_ = 0;
  bool complete_ = false;
};

} // namespace magna
