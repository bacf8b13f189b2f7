#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace magna::config {

/// One `NAME=VALUE` of an .env file.
struct dotenv_entry {
  std::string name;
  std::string value;
  /// Counts from 1.
  std::size_t line = 0;

  bool operator==(const dotenv_entry&) const = default;
};

struct dotenv_error {
  std::size_t line = 0;
  /// What is wrong; never what stands in the line, which may be a key.
  std::string message;

  bool operator==(const dotenv_error&) const = default;
};

struct dotenv_file {
  /// In the file's order; a later entry of the same name stands above an earlier one.
  std::vector<dotenv_entry> entries;
  std::vector<dotenv_error> errors;
};

/// Reads the text of an .env file. A line is `NAME=VALUE`, with `export ` before it or not, or a `#` comment,
/// or empty. A value without quotes ends at ` #` or the line's end. In single quotes all is literal; in
/// double quotes \n \r \t \" \\ and \$ are escapes; both kinds may go on over lines. Nothing is expanded.
/// Takes LF and CRLF, and a byte order mark.
dotenv_file parse_dotenv(std::string_view text);

} // namespace magna::config
