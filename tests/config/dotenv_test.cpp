#include <magna/config/dotenv.hpp>

#include <magna/tests/support/test.hpp>

#include <map>
#include <string>
#include <vector>

using namespace magna::config;

namespace {

using entries = std::vector<dotenv_entry>;
using lines = std::vector<std::size_t>;

/// The value of the only entry; a marker that no value is, if there is not exactly one, or something is wrong.
std::string value_of(std::string_view text) {
  const auto file = parse_dotenv(text);
  if (!file.skipped.empty() || file.entries.size() != 1)
    return "<not one entry>";
  return file.entries[0].problem.empty() ? file.entries[0].value : "<" + file.entries[0].problem + ">";
}

/// Names and values, those with a problem marked: "A=1 B=! C=3".
std::string summary(std::string_view text) {
  std::string result;
  for (const auto& entry : parse_dotenv(text).entries)
    result += (result.empty() ? "" : " ") + entry.name + "=" + (entry.problem.empty() ? entry.value : "!");
  return result;
}

/// The value of the last entry, with these variables outside of the file.
std::string last_value(std::string_view text,
                       const std::map<std::string, std::string, std::less<>>& outer = {}) {
  const auto file = parse_dotenv(text, [&](std::string_view name) -> const std::string* {
    const auto found = outer.find(name);
    return found == outer.end() ? nullptr : &found->second;
  });
  return file.entries.empty() ? "<none>" : file.entries.back().value;
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
  check_eq(parse_dotenv("export =1").entries, entries{{"export", "1", 1}});
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
  check_eq(value_of("A=` x # \"y\" 'z' `"), " x # \"y\" 'z' ");
  check_eq(value_of("A=\"\""), "");
}

TEST("escapes are those of the kind of quotes") {
  check_eq(value_of(R"(A="a\n\t\"\'\\\$\x")"), "a\n\t\"'\\$\\x");
  check_eq(value_of(R"(A='it\'s a\n\\')"), "it's a\\n\\");
  check_eq(value_of(R"(A=`a\n\\`)"), "a\\n\\\\");
  check_eq(value_of(R"(A=a\n)"), "a\\n");
}

TEST("a quoted value may go on over lines") {
  check_eq(parse_dotenv("A=\"1\r\n2\"\nB=3\n").entries, entries{{"A", "1\n2", 1}, {"B", "3", 3}});
  check_eq(parse_dotenv("A='1\n2'\nB=3\n").entries, entries{{"A", "1\n2", 1}, {"B", "3", 3}});
}

TEST("later entries follow earlier ones of the same name") {
  check_eq(parse_dotenv("A=1\nA=2").entries, entries{{"A", "1", 1}, {"A", "2", 2}});
}

TEST("lines that are no assignment are skipped, and the others are read") {
  const auto* text =
    "A=1\nB\n=2\n3C=4\nD E=5\n\"F\"=6\nsource ./other.sh\nif [ -f x ]; then\nNAME: value\nexport\nG=7";
  check_eq(parse_dotenv(text).skipped, lines{2, 3, 4, 5, 6, 7, 8, 9, 10});
  check_eq(summary(text), "A=1 G=7");
  check_eq(parse_dotenv("\x01\x02\n\xFF\xFE=1\nA=1").skipped, lines{1, 2});
}

TEST("a value that can't be used spoils its own line only") {
  check_eq(value_of("A='1' 2"), "<after the closing quote only a comment may follow>");
  check_eq(value_of("A=\"1"), "<the closing quote is missing>");
  check_eq(value_of(std::string_view{"A=1\0002", 5}), "<a value cannot hold a NUL byte>");
  check_eq(summary("A=\"1\nB=2"), "A=! B=2");
  check_eq(summary("A='it\nB='x'\nC=3"), "A=! B=x C=3");
  check_eq(summary("A=\"1\nB='2\nC=`3\nD=4"), "A=! B=! C=! D=4");
}

TEST("a problem never shows what may be a key") {
  for (const auto* text : {"A='sesame' x", "A=\"sesame", "A=${sesame}\nB='sesame' x"})
    for (const auto& entry : parse_dotenv(text).entries) {
      check_eq(entry.problem.find("sesame"), std::string::npos);
      check(entry.problem.empty() || entry.value.empty());
    }
}

TEST("a reference becomes the value of the environment, or of an entry further up") {
  check_eq(last_value("A=1\nB=x${A}y"), "x1y");
  check_eq(last_value("A=1\nB=\"x${A}y\""), "x1y");
  check_eq(last_value("A=1\nB=${A}", {{"A", "outer"}}), "outer");
  check_eq(last_value("B=${A}${A}", {{"A", "o"}}), "oo");
  check_eq(last_value("B=x${A}y\nA=1\nC=${B}"), "xy");
  check_eq(last_value("A=${A}"), "");
  check_eq(last_value("A=\"a # b\"\nB=${A}"), "a # b");
}

TEST("a reference may say what stands in for it") {
  check_eq(last_value("B=${A:-http://h:1/v1}"), "http://h:1/v1");
  check_eq(last_value("A=\nB=${A:-x}"), "x");
  check_eq(last_value("A=1\nB=${A:-x}"), "1");
  check_eq(last_value("B=${A:-}"), "");
}

TEST("nothing is put in where it is not asked for") {
  const std::map<std::string, std::string, std::less<>> outer{{"A", "outer"}};
  check_eq(last_value("B='${A}'", outer), "${A}");
  check_eq(last_value("B=`${A}`", outer), "${A}");
  check_eq(last_value("B=\"\\${A}\"", outer), "${A}");
  for (const auto* text : {"$A", "${}", "${A", "${A B}", "${1}", "${A:x}", "$(A)"})
    check_eq(last_value(std::string{"B="} + text, outer), text);
  // What is put in is not read again.
  check_eq(last_value("B=${C}", {{"A", "x"}, {"C", "${A}"}}), "${A}");
}

TEST("entries that double each other are stopped") {
  std::string text = "A0=0123456789abcdef\n";
  for (int i = 1; i < 64; ++i)
    text += "A" + std::to_string(i) + "=${A" + std::to_string(i - 1) + "}${A" + std::to_string(i - 1) + "}\n";
  const auto file = parse_dotenv(text + "B=1\n");
  check_eq(file.entries.back().value, "1");
  std::size_t bytes = 0;
  for (const auto& entry : file.entries)
    bytes += entry.value.size();
  check_lt(bytes, std::size_t{3} << 20);
  check_eq(file.entries[63].problem, "what ${...} stands for is longer than 1 MiB over all values");
}

} // SUITE("config.dotenv")
