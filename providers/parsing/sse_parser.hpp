#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <magna/providers/parsing/line_buffer.hpp>

namespace magna {

/// Cuts a server-sent event stream (WHATWG HTML, section 9.2) into its events, incrementally: feed bytes,
/// then pull events until there is none. Of the fields only `data` matters to magna, and whether `event` says "error"; `id`,
/// `retry` and unknown ones are skipped. Beyond the standard it takes a field `error` for such an event in one line,
/// as llama.cpp sends it, and finds JSON that stands in the stream without `data:`, as providers send it for errors,
/// also over several lines. Not thread-safe.
class sse_parser {
public:
  enum class status : std::uint8_t {
    need_more,
    /// The data of an event, its lines joined by LF.
    data,
    /// JSON that stands in the stream itself, in one piece; unbalanced if `data:` or the end follows too
    /// early.
    raw,
    /// A comment: a sign of life.
    comment,
    /// An event is longer than line_buffer::max_line; nothing more comes.
    too_long,
  };

  struct event {
    sse_parser::status status = sse_parser::status::need_more;
    /// Valid until the next call, with line_buffer::padding readable bytes behind it.
    std::string_view data;
    /// The server itself calls it an error.
    bool is_error = false;
  };

  void feed(std::string_view bytes) { buffer_.append(bytes); }

  event next() { return pull(false); }

  /// Tells that the data is over, after `next` said need_more; call it until it says so too. An event whose
  /// blank line is missing comes out nevertheless: the caller must doubt it.
  event end() { return pull(true); }

  /// What the parser holds, in bytes.
  std::size_t capacity() const noexcept { return buffer_.capacity() + joined_.capacity(); }

private:
  enum class pending : std::uint8_t { none, one_line, joined };

  event pull(bool at_end);
  std::optional<event> take(line_buffer::span where);
  std::optional<event> take_raw(line_buffer::span where, std::string_view line);
  void take_data(line_buffer::span where, std::string_view line);
  std::optional<event> take_error(line_buffer::span where, std::string_view line);
  void add_data(line_buffer::span where, std::string_view value);
  event dispatch_data();
  event dispatch_raw(std::size_t end);
  event too_long();

  line_buffer buffer_{true};
  /// The data so far of the event that is being read: in the buffer while it is one line, else here.
  pending pending_ = pending::none;
  line_buffer::span data_;
  std::string joined_;
  /// A line that ended what came before it, to be taken next.
  std::optional<line_buffer::span> deferred_;
  /// Where raw JSON starts that is not balanced yet.
  std::optional<std::size_t> raw_;
  std::ptrdiff_t depth_ = 0;
  /// The event that is being read has "event: error".
  bool is_error_ = false;
  bool at_start_ = true;
  bool failed_ = false;
};

} // namespace magna
