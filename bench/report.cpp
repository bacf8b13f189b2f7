#include <magna/bench/report.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace magna::bench {

namespace {

std::string number(double value) {
  std::array<char, 32> out{};
  const auto size = std::fabs(value);
  std::snprintf(out.data(), out.size(), size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
  return out.data();
}

std::string goal_text(const row& x) {
  if (!x.goal)
    return "";
  return std::string{x.goal->of_ratio ? "ratio " : ""} + (x.goal->at_least ? ">= " : "<= ")
         + number(x.goal->limit) + (x.met() ? "  met" : "  MISSED");
}

} // namespace

std::string table_of(const std::string& title, const std::vector<row>& rows) {
  constexpr std::size_t columns = 9;
  std::vector<std::array<std::string, columns>> lines;
  lines.push_back({"case", "metric", "unit", "magna", "p99", "baseline", "p99", "ratio", "target"});
  std::string last;
  for (const auto& x : rows) {
    const bool compared = x.baseline != 0;
    lines.push_back({x.name == last ? "" : x.name, x.metric, x.unit, number(x.magna), number(x.magna_p99),
                     compared ? number(x.baseline) : "-", compared ? number(x.baseline_p99) : "-",
                     compared ? number(x.ratio) : "-", goal_text(x)});
    last = x.name;
  }
  std::array<std::size_t, columns> width{};
  for (const auto& line : lines)
    for (std::size_t i = 0; i < columns; ++i)
      width[i] = std::max(width[i], line[i].size());
  std::string out = title + "\n";
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string fill(width[i] - line[i].size(), ' ');
      // Words to the left, numbers to the right.
      const bool is_number = i >= 3 && i <= 7;
      text += "  " + (is_number ? fill + line[i] : line[i] + fill);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

void write_json(const std::filesystem::path& dir, const std::string& name, int rounds,
                const std::vector<row>& rows) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& x : rows)
    all.push_back({{"case", x.name},
                   {"metric", x.metric},
                   {"unit", x.unit},
                   {"magna", x.magna},
                   {"baseline", x.baseline},
                   {"ratio", x.ratio}});
  const nlohmann::ordered_json document = {{"bench", name}, {"rounds", rounds}, {"rows", std::move(all)}};
  std::filesystem::create_directories(dir);
  const auto path = dir / (name + ".json");
  std::ofstream out{path};
  out << document.dump(2) << "\n";
  if (!out.flush())
    throw std::runtime_error{"can't write " + path.string()};
}

} // namespace magna::bench
