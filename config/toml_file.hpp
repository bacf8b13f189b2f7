#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <magna/providers/transport/http.hpp>

namespace magna::config {

/// Something in a TOML file that no setting is written as: a date, a table, a list of other things than
/// texts.
struct unfit {};

struct toml_value {
  std::variant<unfit, bool, std::int64_t, double, std::string, std::vector<std::string>, http_headers>
    content;
  /// A table as JSON text; empty for anything else.
  std::string json{};
  /// Counts from 1.
  std::size_t line = 0;
};

struct toml_entry {
  std::string key;
  toml_value value;
};

/// Entries in the file's order.
struct toml_table {
  std::vector<toml_entry> entries;
  std::size_t line = 0;
};

struct toml_document {
  toml_table top;
  /// The [[provider]] tables.
  std::vector<toml_table> providers;
};

/// What is no TOML at all.
class toml_error : public std::runtime_error {
public:
  toml_error(std::size_t line, const std::string& message) : runtime_error(message), line_(line) {}
  std::size_t line() const noexcept { return line_; }

private:
  std::size_t line_;
};

/// Parses the text of a file. Throws `toml_error`.
toml_document parse_toml(std::string_view text);

/// The value as the file has it, in one line, for error messages.
std::string to_text(const toml_value& value);

} // namespace magna::config
