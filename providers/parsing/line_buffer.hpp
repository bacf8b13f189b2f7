#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace magna {

/// The bytes of a response that are not used up yet, cut into lines. Looks at each byte once however the
/// bytes were split, moves it a bounded number of times, and returns lines in place, with `padding` readable
/// bytes behind them so that simdjson can decode them there. Not thread-safe.
class line_buffer {
public:
  /// What simdjson may read behind the end of a document (SIMDJSON_PADDING).
  static constexpr std::size_t padding = 64;

  /// A longer line is not waited for.
  static constexpr std::size_t max_line = std::size_t{32} << 20;

  /// Where a line starts, in bytes from the first one that was not released, and how long it is without its
  /// end.
  struct span {
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  /// `cr_ends_line`: CR and CR LF end a line as LF does; otherwise only LF does, and one CR before it is cut
  /// off.
  explicit line_buffer(bool cr_ends_line) : cr_ends_line_(cr_ends_line) {}

  /// Invalidates all views.
  void append(std::string_view bytes);

  /// The next whole line.
  std::optional<span> next_line();

  /// What follows the last whole line, as a line; for the end of the data.
  std::optional<span> last_line();

  /// How many bytes are held that no release gave up, whole lines or not.
  std::size_t held() const noexcept { return end_ - begin_; }

  /// How many of them belong to lines that were returned.
  std::size_t taken() const noexcept { return next_ - begin_; }

  /// `where` lies within what is held.
  std::string_view view(span where) const;

  /// Gives up all lines that were returned. Invalidates all spans, but no view before the next `append` or
  /// `trim`.
  void release() noexcept { begin_ = next_; }

  /// Gives memory back that a long line needed. Invalidates all views.
  void trim();

  std::size_t capacity() const noexcept { return capacity_; }

private:
  /// The next place of one character, remembered so that no byte is searched twice for it.
  struct search {
    std::size_t searched = 0;
    std::size_t hit = npos;
  };
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  std::size_t find(char c, search& state);
  void relocate(std::size_t capacity);
  void moved(std::size_t distance) noexcept;

  std::unique_ptr<char[]> data_;
  /// Without the padding.
  std::size_t capacity_ = 0;
  /// Start of what is not released.
  std::size_t begin_ = 0;
  /// Start of the next line.
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  search lf_;
  search cr_;
  bool cr_ends_line_;
  /// The last line ended with CR at the end of the bytes: an LF that comes next belongs to it.
  bool skip_lf_ = false;
};

} // namespace magna
