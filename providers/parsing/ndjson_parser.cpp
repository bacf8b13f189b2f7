#include <magna/providers/parsing/ndjson_parser.hpp>

namespace magna {

ndjson_parser::event ndjson_parser::next() {
  buffer_.release();
  if (const auto line = buffer_.next_line())
    return take(*line);
  if (buffer_.held() > line_buffer::max_line)
    return {status::too_long, {}};
  buffer_.trim();
  return {};
}

ndjson_parser::event ndjson_parser::end() {
  buffer_.release();
  const auto line = buffer_.last_line();
  return line ? take(*line) : event{};
}

ndjson_parser::event ndjson_parser::take(line_buffer::span where) {
  if (where.size > line_buffer::max_line)
    return {status::too_long, {}};
  auto line = buffer_.view(where);
  if (at_start_ && line.starts_with("\xEF\xBB\xBF"))
    line.remove_prefix(3);
  at_start_ = false;
  if (line.find_first_not_of(" \t\r") == std::string_view::npos)
    return {status::blank, {}};
  return {status::line, line};
}

} // namespace magna
