#include "table.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

namespace magna::test {

namespace {

struct result {
  std::string seen;
  std::chrono::milliseconds time{};
};

class result_book {
public:
  result_book() = default;
  result_book(const result_book&) = delete;
  result_book& operator=(const result_book&) = delete;

  ~result_book() {
    const auto rows = all_rows();
    // A part of the table would pass for the whole.
    if (results_.size() < rows.size())
      return;
    const auto* chosen = std::getenv("MAGNA_FAULTS_TABLE");
    std::ofstream out{chosen != nullptr ? chosen : MAGNA_FAULTS_TABLE};
    std::string_view chapter;
    for (const auto& x : rows) {
      if (std::exchange(chapter, x.chapter) != x.chapter)
        out << "\n## " << x.chapter
            << "\n\n| fault | phase | provider | expected | seen | time |\n|---|---|---|---|---|---|\n";
      const auto entry = entry_of(x);
      const auto& [seen, time] = results_.at({x.what, x.kind});
      out << "| " << entry.fault << " | " << entry.phase << " | " << entry.provider << " | " << entry.expected
          << " | " << seen << " | " << time.count() << " ms |\n";
    }
  }

  void note(const row& what, provider_kind kind, result seen) { results_[{&what, kind}] = std::move(seen); }

private:
  std::map<std::pair<const row*, provider_kind>, result> results_;
};

} // namespace

table_entry entry_of(const listed_row& x) {
  return {std::string{x.what->fault}, std::string{x.what->phase}, std::string{to_string(x.kind)},
          describe(x.what->expect.of(x.kind))};
}

void note_result(const row& what, provider_kind kind, const std::string& seen,
                 std::chrono::milliseconds time) {
  static result_book book;
  book.note(what, kind, {seen, time});
}

std::vector<table_entry> parse_table(const std::string& markdown) {
  std::vector<table_entry> entries;
  std::istringstream in{markdown};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| ") || line.starts_with("| fault |"))
      continue;
    std::vector<std::string> cells;
    for (std::size_t at = 2, end = 0; (end = line.find(" |", at)) != std::string::npos; at = end + 3)
      cells.push_back(line.substr(at, end - at));
    if (cells.size() == 6)
      entries.push_back({cells[0], cells[1], cells[2], cells[3]});
  }
  return entries;
}

} // namespace magna::test
