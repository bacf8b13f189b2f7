// That the documents' code compiles is checked by building this executable; here, that what they name exists.

#include <magna/tests/support/test.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

using namespace magna::test;

namespace {

const std::filesystem::path root{MAGNA_ROOT};

std::string text_of(const std::string& document) {
  std::ifstream in{root / document};
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

} // namespace

SUITE("docs") {

TEST("the documents have code, and their links lead to files") {
  for (const std::string document : {"README.md", "docs/guide.md"}) {
    const auto text = text_of(document);
    check_ne(text.find("```cpp"), std::string::npos);
    const std::regex link{R"(\]\(([^)#:]+)(#[^)]*)?\))"};
    for (std::sregex_iterator it{text.begin(), text.end(), link}, end; it != end; ++it) {
      const auto target = root / std::filesystem::path{document}.parent_path() / (*it)[1].str();
      if (!std::filesystem::exists(target))
        fail("{} links to {}, which does not exist", document, (*it)[1].str());
    }
  }
}

TEST("the guide names every example") {
  const auto guide = text_of("docs/guide.md");
  for (const auto& entry : std::filesystem::directory_iterator{root / "examples"})
    if (entry.path().extension() == ".cpp")
      check_ne(guide.find("examples/" + entry.path().filename().string()), std::string::npos);
}

TEST("the lives of a request and of a chunk name functions that there are") {
  const auto design = text_of("docs/design.md");
  for (const std::string title : {"## Life of a request", "## Life of a chunk"}) {
    const auto begin = design.find(title);
    require_ne(begin, std::string::npos);
    const auto page = design.substr(begin, design.find("\n## ", begin + 1) - begin);
    const std::regex step{R"(\| \d+ \| `([^`]+)` \| `([^`]+)` \|)"};
    std::size_t steps = 0;
    for (std::sregex_iterator it{page.begin(), page.end(), step}, end; it != end; ++it, ++steps) {
      const auto file = (*it)[1].str();
      const auto function = (*it)[2].str();
      if (text_of(file).find(function + '(') == std::string::npos)
        fail("docs/design.md names {} in {}, which has no such function", function, file);
    }
    check_ge(steps, 8u);
  }
}

} // SUITE("docs")
