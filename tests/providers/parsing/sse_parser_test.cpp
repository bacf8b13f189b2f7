#include <magna/providers/parsing/sse_parser.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <magna/tests/providers/parsing/splits.hpp>
#include <magna/tests/support/test.hpp>

using magna::line_buffer;
using magna::sse_parser;
using magna::test::for_each_split;
using magna::test::pieces;

namespace {

/// Renders what a parser finds, one event after the other: "data(x) comment raw({}) too_long"; "!" stands before what the
/// server calls an error.
std::string events_of(const pieces& parts) {
  sse_parser parser;
  std::string result;
  auto drain = [&](auto pull) {
    for (;;) {
      const auto event = pull();
      if (event.status == sse_parser::status::need_more)
        return;
      if (!result.empty())
        result += ' ';
      if (event.is_error)
        result += '!';
      switch (event.status) {
        case sse_parser::status::data:
          result += "data(" + std::string{event.data} + ")";
          break;
        case sse_parser::status::raw:
          result += "raw(" + std::string{event.data} + ")";
          break;
        case sse_parser::status::comment:
          result += "comment";
          break;
        default:
          result += "too_long";
          return;
      }
    }
  };
  for (const auto part : parts) {
    parser.feed(part);
    drain([&] { return parser.next(); });
  }
  drain([&] { return parser.end(); });
  return result;
}

} // namespace

SUITE("sse parser") {

TEST("every split of the bytes gives the same events") {
  struct row {
    std::string_view name;
    std::string_view bytes;
    std::string_view events;
  };
  static constexpr row rows[] = {
    {"LF", "data: a\n\ndata: b\n\n", "data(a) data(b)"},
    {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", "data(a) data(b)"},
    {"CR", "data: a\r\rdata: b\r\r", "data(a) data(b)"},
    {"mixed line ends", "data: a\r\n\ndata: b\r\r\ndata: c\n\r\ndata: d\n\r",
     "data(a) data(b) data(c) data(d)"},
    {"a byte order mark, once",
     "\xEF\xBB\xBF"
     "data: a\n\n",
     "data(a)"},
    {"a second byte order mark is part of a field name",
     "\xEF\xBB\xBF\xEF\xBB\xBF"
     "data: a\n\n",
     ""},
    {"no space after the colon", "data:a\n\n", "data(a)"},
    {"only one space belongs to the syntax", "data:  a \n\n", "data( a )"},
    {"lines are joined", "data: a\ndata:\ndata: b\ndata\n\n", "data(a\n\nb\n)"},
    {"a data field without a colon is empty", "data\n\n", "data()"},
    {"other fields are skipped", "event: x\nid: 1\nretry: 5\nfoo: bar\ndatax: y\nfoo\ndata: a\n\n",
     "data(a)"},
    {"comments are reported", ": OPENROUTER PROCESSING\n\n:\n\ndata: a\n\n: ping\n\n",
     "comment comment data(a) comment"},
    {"a comment between data lines does not part them", "data: a\n: ping\ndata: b\n\n", "comment data(a\nb)"},
    {"blank lines alone are nothing", "\n\n\r\n\r\n\r\rdata: a\n\n\n\n", "data(a)"},
    {"the last blank line is missing", "data: a\n\ndata: b\n", "data(a) data(b)"},
    {"the last line end is missing", "data: a\n\ndata: [DONE]", "data(a) data([DONE])"},
    {"nothing", "", ""},
    {"JSON without data:", "{\"error\":{\"code\":503}}\n", "raw({\"error\":{\"code\":503}})"},
    {"indented JSON without data:, after an event",
     "data: a\n\n{\n  \"error\": {\n    \"message\": \"a } in \\\" a string\"\n  }\n}\n\ndata: b\n\n",
     "data(a) raw({\n  \"error\": {\n    \"message\": \"a } in \\\" a string\"\n  }\n}) data(b)"},
    {"JSON right after data without a blank line", "data: a\n{\"error\":1}\n", "data(a) raw({\"error\":1})"},
    {"JSON after joined data", "data: a\ndata: b\n[{\n}]\n", "data(a\nb) raw([{\n}])"},
    {"JSON that is broken off by an event", "{\n\"error\":\ndata: a\n\n", "raw({\n\"error\":\n) data(a)"},
    {"JSON that is broken off by the end", "{\n\"error\": [", "raw({\n\"error\": [)"},
    {"a blank line inside JSON", "{\n\n}\n", "raw({\n\n})"},
    {"an event that is called an error", "event: error\ndata: a\n\ndata: b\n\n", "!data(a) data(b)"},
    {"called so behind its data, and over several lines", "data: a\ndata: b\nevent:error\n\n", "!data(a\nb)"},
    {"called so without data", "event: error\n\ndata: a\n\n", "data(a)"},
    {"called so without data:", "event: error\n{\n}\n", "!raw({\n})"},
    {"called something else", "event: errors\nevent_id: error\ndata: a\n\n", "data(a)"},
    {"a field error", "data: a\n\nerror: {\"code\":503}\n\ndata: b\n\n",
     "data(a) !data({\"code\":503}) data(b)"},
    {"a field error right after data", "data: a\nerror:b\n", "data(a) !data(b)"},
    {"a field error without a value", "error\nerror:\nerror: \nerrors: a\ndata: a\n\n", "data(a)"},
    {"a field error without a line end", "error: {\"co", "!data({\"co)"},
  };
  for (const auto& row : rows)
    for_each_split(row.bytes, [&](const pieces& parts) {
      const auto found = events_of(parts);
      if (found != row.events)
        fail("{} in {} parts: {}", row.name, parts.size(), found);
    });
}

TEST("the bytes behind an event may be read as far as simdjson does") {
  // The address sanitizer sees a mistake here.
  for (const std::string bytes : {"data: {}\n\n", "data: {\ndata: }\n\n", "{\n}\n"}) {
    sse_parser parser;
    parser.feed(bytes);
    const auto event = parser.next();
    require(event.status != sse_parser::status::need_more);
    unsigned sum = 0;
    for (std::size_t i = 0; i < line_buffer::padding; ++i)
      sum += static_cast<unsigned char>(*(event.data.data() + event.data.size() + i));
    check(sum < 256 * line_buffer::padding);
  }
}

TEST("a line of ten million bytes that comes in small pieces takes time in proportion and gives its memory "
     "back") {
  const std::string piece(1000, 'x');
  sse_parser parser;
  parser.feed("data: ");
  for (int i = 0; i < 10'000; ++i) {
    parser.feed(piece);
    require(parser.next().status == sse_parser::status::need_more);
  }
  parser.feed("\n\n");
  const auto event = parser.next();
  check(event.status == sse_parser::status::data);
  check_eq(event.data.size(), std::size_t{10'000'000});
  check(parser.next().status == sse_parser::status::need_more);
  check(parser.capacity() <= std::size_t{64} << 10);
  parser.feed("data: after\n\n");
  check_eq(parser.next().data, "after");
}

TEST("many small events in one read don't move each other") {
  std::string bytes;
  for (int i = 0; i < 200'000; ++i)
    bytes += "data: x\r\r";
  sse_parser parser;
  parser.feed(bytes);
  std::size_t count = 0;
  while (parser.next().status == sse_parser::status::data)
    ++count;
  check_eq(count, std::size_t{200'000});
}

TEST("an event over 32 MiB is an error, and stays one") {
  const std::string piece(std::size_t{1} << 20, 'x');
  for (const std::string_view separator : {"", "\ndata: ", "\n:"}) {
    sse_parser parser;
    parser.feed("data: ");
    auto status = sse_parser::status::need_more;
    int fed = 0;
    while (fed < 40 && status != sse_parser::status::too_long) {
      parser.feed(piece);
      parser.feed(separator);
      ++fed;
      do
        status = parser.next().status;
      while (status == sse_parser::status::comment);
    }
    check_eq(fed, 32);
    parser.feed("\n\ndata: a\n\n");
    check(parser.next().status == sse_parser::status::too_long);
  }
}

} // SUITE("sse parser")
