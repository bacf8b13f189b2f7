#include <magna/providers/parsing/ndjson_parser.hpp>

#include <string>

#include <magna/tests/providers/parsing/splits.hpp>
#include <magna/tests/support/test.hpp>

using magna::line_buffer;
using magna::ndjson_parser;
using magna::test::for_each_split;
using magna::test::pieces;

namespace {

/// Renders the lines that a parser finds, each in brackets.
std::string lines_of(const pieces& parts) {
  ndjson_parser parser;
  std::string result;
  const auto add = [&](const ndjson_parser::event& event) {
    if (event.status == ndjson_parser::status::line)
      result += "<" + std::string{event.line} + ">";
    return event.status != ndjson_parser::status::need_more;
  };
  for (const auto part : parts) {
    parser.feed(part);
    while (add(parser.next())) {}
  }
  add(parser.end());
  return result;
}

} // namespace

SUITE("ndjson parser") {

TEST("every split of the bytes gives the same lines") {
  struct row {
    std::string_view bytes;
    std::string_view lines;
  };
  static constexpr row rows[] = {
    {"{}\n{\"a\":1}\n", "<{}><{\"a\":1}>"},
    {"{}\r\n{\"a\":1}\r\n", "<{}><{\"a\":1}>"},
    {"{}\n{\"a\":1}", "<{}><{\"a\":1}>"},
    {"\n\n{}\n \t\n\r\n{}\n\n", "<{}><{}>"},
    {"\xEF\xBB\xBF{}\n{}\n", "<{}><{}>"},
    {"{\"a\":\"\xC3\xA4\"}\n", "<{\"a\":\"\xC3\xA4\"}>"},
    {"", ""},
    {"\n", ""},
  };
  for (const auto& row : rows)
    for_each_split(row.bytes, [&](const pieces& parts) {
      const auto found = lines_of(parts);
      if (found != row.lines)
        fail("{} in {} parts: {}", row.bytes, parts.size(), found);
    });
}

TEST("a long line gives its memory back, also with part of the next one behind it") {
  ndjson_parser parser;
  const std::string piece(1000, 'x');
  for (int i = 0; i < 10'000; ++i) {
    parser.feed(piece);
    require(parser.next().status == ndjson_parser::status::need_more);
  }
  parser.feed("\n{\"a\"");
  check_eq(parser.next().line.size(), std::size_t{10'000'000});
  check(parser.next().status == ndjson_parser::status::need_more);
  check(parser.capacity() <= std::size_t{64} << 10);
  parser.feed(":1}\n");
  check_eq(parser.next().line, "{\"a\":1}");
}

TEST("a line of 32 MiB passes, one byte more is an error") {
  std::string line(line_buffer::max_line, 'x');
  {
    ndjson_parser parser;
    parser.feed(line);
    check(parser.next().status == ndjson_parser::status::need_more);
    parser.feed("\n");
    check_eq(parser.next().line.size(), line.size());
  }
  line += 'x';
  {
    ndjson_parser parser;
    parser.feed(line);
    check(parser.next().status == ndjson_parser::status::too_long);
  }
  {
    ndjson_parser parser;
    parser.feed(line + "\n");
    check(parser.next().status == ndjson_parser::status::too_long);
  }
}

} // SUITE("ndjson parser")
