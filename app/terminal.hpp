#pragma once

#include <string>
#include <string_view>

namespace magna::app {

/// Whether the file descriptor is a terminal.
bool is_terminal(int fd) noexcept;

/// Whether colours are welcome there: on a terminal, unless NO_COLOR is set or TERM is "dumb".
bool wants_colour(int fd) noexcept;

/// Whether a line there can be written over: on a terminal, unless TERM is "dumb".
bool can_rewrite(int fd) noexcept;

/// Whether the descriptor is a pipe or socket that nobody reads any more.
bool is_reader_gone(int fd) noexcept;

/// Makes sure that the descriptors 0 to 2 are taken, so that no file or socket opened later gets one of them
/// and with it the output that was meant for the user. Where one was closed, writing to it fails as before.
void reserve_standard_descriptors() noexcept;

/// Styles text, or leaves it as it is.
class paint {
public:
  explicit paint(bool enabled) noexcept : enabled_(enabled) {}

  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }

private:
  std::string wrap(std::string_view code, std::string_view text) const;

  bool enabled_;
};

} // namespace magna::app
