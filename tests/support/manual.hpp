#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace magna::test {

/// The source of a page of the manual, with its hyphens as users type them. Empty if there is none.
inline std::string manual_page(const std::string& file) {
  std::ifstream in{file};
  std::ostringstream out;
  out << in.rdbuf();
  auto text = std::move(out).str();
  for (auto at = text.find("\\-"); at != std::string::npos; at = text.find("\\-", at))
    text.replace(at, 2, "-");
  return text;
}

} // namespace magna::test
