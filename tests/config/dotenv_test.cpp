#include <magna/config/dotenv.hpp>

#include <magna/tests/support/test.hpp>

#include <string>
#include <vector>

using namespace magna::config;

namespace {

using entries = std::vector<dotenv_entry>;

/// The value of the only entry; a marker that no value is, if there is not exactly one.
std::string value_of(std::string_view text) {
  const auto file = parse_dotenv(text);
  return file.errors.empty() && file.entries.size() == 1 ? file.entries[0].value : "<not one entry>";
}

std::vector<std::size_t> error_lines(std::string_view text) {
  std::vector<std::size_t> result;
  for (const auto& error : parse_dotenv(text).errors)
    result.push_back(error.line);
  return result;
}

} // namespace

SUITE("config.dotenv") {

TEST("names and values are read with their lines") {
  check_eq(parse_dotenv("A=1\n\nB=two\n").entries, entries{{"A", "1", 1}, {"B", "two", 3}});
  check_eq(parse_dotenv("A=1").entries, entries{{"A", "1", 1}});
  check_eq(parse_dotenv("").entries, entries{});
}

TEST("comments, blanks, export, CRLF and a byte order mark are taken") {
  check_eq(parse_dotenv("\xEF\xBB\xBF# keys\r\n  export A = 1 \r\n\tB=2\r\n\r\n # end").entries,
           entries{{"A", "1", 2}, {"B", "2", 3}});
  check_eq(parse_dotenv("export=1").entries, entries{{"export", "1", 1}});
  check_eq(parse_dotenv("exported=1").entries, entries{{"exported", "1", 1}});
}

TEST("a value without quotes ends at a comment") {
  check_eq(value_of("A=one two # three"), "one two");
  check_eq(value_of("A=one#two"), "one#two");
  check_eq(value_of("A=#nothing"), "");
  check_eq(value_of("A="), "");
  check_eq(value_of("A=x=y"), "x=y");
  check_eq(value_of("A=$HOME"), "$HOME");
  check_eq(value_of("A=it's"), "it's");
}

TEST("quotes keep blanks and hashes") {
  check_eq(value_of("A=\" x # y \""), " x # y ");
  check_eq(value_of("A=' x # y ' # z"), " x # y ");
  check_eq(value_of("A=\"\""), "");
}

TEST("escapes count in double quotes only") {
  check_eq(value_of(R"(A="a\n\t\"\\\$\x")"), "a\n\t\"\\$\\x");
  check_eq(value_of(R"(A='a\n')"), "a\\n");
  check_eq(value_of(R"(A=a\n)"), "a\\n");
}

TEST("a quoted value may go on over lines") {
  check_eq(parse_dotenv("A=\"1\r\n2\"\nB=3\n").entries, entries{{"A", "1\n2", 1}, {"B", "3", 3}});
}

TEST("later entries follow earlier ones of the same name") {
  check_eq(parse_dotenv("A=1\nA=2").entries, entries{{"A", "1", 1}, {"A", "2", 2}});
}

TEST("a malformed line is an error with its number, and the others are still read") {
  check_eq(error_lines("A=1\nB\n=2\n3C=4\nD E=5\n\"F\"=6\nG=7"), std::vector<std::size_t>{2, 3, 4, 5, 6});
  check_eq(parse_dotenv("A=1\nB\nC=3").entries, entries{{"A", "1", 1}, {"C", "3", 3}});
  check_eq(error_lines("A=\"1\nB=2"), std::vector<std::size_t>{1});
  check_eq(error_lines("A='1' 2"), std::vector<std::size_t>{1});
  check_eq(error_lines(std::string_view{"A=1\0002", 5}), std::vector<std::size_t>{1});
  check_eq(error_lines("export"), std::vector<std::size_t>{1});
}

TEST("an error never shows what may be a key") {
  for (const auto* text : {"sesame", "A='sesame' x", "A=\"sesame", "1=sesame", "A sesame"}) {
    const auto file = parse_dotenv(text);
    require_eq(file.errors.size(), 1u);
    check_eq(file.errors[0].message.find("sesame"), std::string::npos);
  }
}

} // SUITE("config.dotenv")
