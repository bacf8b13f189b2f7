#include <magna/bench/report.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include <magna/bench/quantile.hpp>

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

std::string percent(double share) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.1f %%", share * 100);
  return out.data();
}

/// The shares of one kind, of all runs.
std::vector<double> shares(const runner& ran, double disturbance::*kind) {
  std::vector<double> result;
  for (const auto& x : ran.all())
    result.push_back(x.*kind);
  return result;
}

std::string median_and_worst(const std::vector<double>& all) {
  return "median " + percent(quantile(all, 0.5)) + ", worst " + percent(quantile(all, 1));
}

} // namespace

std::string table_of(const std::string& title, const std::vector<row>& rows) {
  constexpr std::size_t columns = 10;
  std::vector<std::array<std::string, columns>> lines;
  lines.push_back(
    {"case", "who", "metric", "unit", "magna", "worst", "baseline", "worst", "ratio", "target"});
  const row* last = nullptr;
  for (const auto& x : rows) {
    const bool compared = x.baseline != 0;
    const bool same_case = last != nullptr && x.name == last->name;
    const bool same_who = same_case && x.who == last->who;
    lines.push_back({same_case ? "" : x.name, same_who ? "" : x.who + (x.disturbed ? " *" : ""), x.metric,
                     x.unit, number(x.magna), number(x.magna_worst), compared ? number(x.baseline) : "-",
                     compared ? number(x.baseline_worst) : "-", compared ? number(x.ratio) : "-",
                     goal_text(x)});
    last = &x;
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
      const bool is_number = i >= 4 && i <= 8;
      text += "  " + (is_number ? fill + line[i] : line[i] + fill);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string text_of_others(const runner& ran) {
  auto text = "Others: " + median_and_worst(shares(ran, &disturbance::other))
              + " of the cores; stolen by the host: " + median_and_worst(shares(ran, &disturbance::stolen));
  if (ran.repeated() > 0)
    text += "; runs that were repeated for it: " + std::to_string(ran.repeated());
  return text + " (* the row was disturbed nevertheless)";
}

void write_json(const std::filesystem::path& dir, const std::string& name, const std::vector<row>& rows,
                const runner& ran) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& x : rows)
    all.push_back({{"case", x.name},
                   {"who", x.who},
                   {"metric", x.metric},
                   {"unit", x.unit},
                   {"magna", x.magna},
                   {"baseline", x.baseline},
                   {"ratio", x.ratio},
                   {"disturbed", x.disturbed}});
  const auto other = shares(ran, &disturbance::other);
  const auto stolen = shares(ran, &disturbance::stolen);
  const nlohmann::ordered_json document = {
    {"bench", name},
    {"rounds", ran.how().rounds},
    {"others", {{"median", quantile(other, 0.5)}, {"worst", quantile(other, 1)}}},
    {"stolen", {{"median", quantile(stolen, 0.5)}, {"worst", quantile(stolen, 1)}}},
    {"rows", std::move(all)}};
  std::filesystem::create_directories(dir);
  const auto path = dir / (name + ".json");
  std::ofstream out{path};
  out << document.dump(2) << "\n";
  if (!out.flush())
    throw std::runtime_error{"can't write " + path.string()};
}

} // namespace magna::bench
