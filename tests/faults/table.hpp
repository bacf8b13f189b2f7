#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <magna/tests/faults/row.hpp>

namespace magna::test {

/// What stands in a row of the table about one protocol, but for its time.
struct table_entry {
  std::string fault;
  std::string phase;
  std::string provider;
  std::string expected;

  bool operator==(const table_entry&) const = default;
};

table_entry entry_of(const listed_row& x);

/// Notes what a row's test saw. When the last of all rows has been noted, and the process ends, the table is
/// written as Markdown to the file that the environment names in MAGNA_FAULTS_TABLE, or to the build's.
void note_result(const row& what, provider_kind kind, const std::string& seen,
                 std::chrono::milliseconds time);

/// The rows of a table that was written.
std::vector<table_entry> parse_table(const std::string& markdown);

} // namespace magna::test
