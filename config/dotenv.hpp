#pragma once

#include <cstddef>
#include <functional>
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
  /// What is wrong with the value; never what it is, which may be a key. Empty: nothing, and the value can be used.
  std::string problem{};

  bool operator==(const dotenv_entry&) const = default;
};

struct dotenv_file {
  /// In the file's order; a later entry of the same name stands above an earlier one.
  std::vector<dotenv_entry> entries;
  /// Lines that are no assignment.
  std::vector<std::size_t> skipped;
};

/// The value of a variable outside of the file; null: there is none.
using outer_variable = std::function<const std::string*(std::string_view name)>;

/// Reads the text of an .env file. A line is `NAME=VALUE`, with `export ` before it or not, or a `#` comment, or
/// empty; any other is skipped. A value without quotes ends at ` #` or the line's end. In double quotes \n \r \t \a \b
/// \f \v \" \' \\ and \$ are escapes, in single quotes \' and \\; in backticks all is literal. All of these may go on
/// over lines. `${NAME}` and `${NAME:-OTHERWISE}` become the value of an outer variable, or else of an entry further up,
/// or else OTHERWISE or nothing; not in single quotes and backticks. Takes LF and CRLF, and a byte order mark. What all
/// values together have is bounded.
dotenv_file parse_dotenv(std::string_view text, const outer_variable& outer = {});

} // namespace magna::config
