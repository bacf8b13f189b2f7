#pragma once

#include <cstdint>
#include <string_view>

#include <magna/providers/parsing/line_buffer.hpp>

namespace magna {

/// Cuts a stream of newline-delimited JSON into its lines, incrementally and in place: feed bytes, then pull
/// lines until there is none. A blank line means nothing but that someone is there; a byte order mark at the
/// start is skipped. Not thread-safe.
class ndjson_parser {
public:
  enum class status : std::uint8_t {
    need_more,
    /// `line` is set.
    line,
    /// A line without anything but blanks.
    blank,
    /// A line is longer than line_buffer::max_line; nothing more comes.
    too_long,
  };

  struct event {
    ndjson_parser::status status = ndjson_parser::status::need_more;
    /// Valid until the next call, with line_buffer::padding readable bytes behind it.
    std::string_view line;
  };

  void feed(std::string_view bytes) { buffer_.append(bytes); }

  event next();

  /// Tells that the data is over, after `next` said need_more: the last line may lack its newline.
  event end();

  /// What the parser holds, in bytes.
  std::size_t capacity() const noexcept { return buffer_.capacity(); }

private:
  event take(line_buffer::span where);

  line_buffer buffer_{false};
  bool at_start_ = true;
};

} // namespace magna
