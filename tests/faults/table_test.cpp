#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <magna/tests/faults/table.hpp>

using namespace magna;
using namespace magna::test;

namespace {

std::string document() {
  std::ifstream in{MAGNA_FAULTS_DOC};
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

std::string line_of(const table_entry& x) {
  return x.fault + " | " + x.phase + " | " + x.provider + " | " + x.expected;
}

} // namespace

SUITE("fault table") {

TEST("docs/faults.md lists exactly the rows that there are, in their order") {
  const auto listed = all_rows();
  const auto written = parse_table(document());
  for (std::size_t i = 0; i < std::min(listed.size(), written.size()); ++i)
    require_eq(line_of(written[i]), line_of(entry_of(listed[i])));
  check_eq(written.size(), listed.size());
}

TEST("no two rows are the same, and each stands in a chapter of the table") {
  auto entries = all_rows();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    check_ne(entries[i].what->fault, "");
    check_ne(entries[i].what->phase, "");
    for (std::size_t k = i + 1; k < entries.size(); ++k) {
      const auto a = entry_of(entries[i]);
      const auto b = entry_of(entries[k]);
      if (a.fault == b.fault && a.phase == b.phase && a.provider == b.provider)
        check_eq(line_of(a), "no row twice");
    }
  }
}

} // SUITE("fault table")
