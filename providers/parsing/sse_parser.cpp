#include <magna/providers/parsing/sse_parser.hpp>

#include <utility>

namespace magna {

namespace {

/// How many more brackets a line of JSON opens than it closes. Strings don't go over the end of a line.
std::ptrdiff_t bracket_balance(std::string_view line) noexcept {
  std::ptrdiff_t result = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++result;
    } else if (c == '}' || c == ']') {
      --result;
    }
  }
  return result;
}

/// What stands behind a field's name, `size` characters long. Nothing: the line is another field.
std::optional<std::string_view> value_of(std::string_view line, std::size_t size) noexcept {
  auto value = line.substr(size);
  if (value.empty())
    return value;
  if (value.front() != ':')
    return std::nullopt;
  value.remove_prefix(value.size() > 1 && value[1] == ' ' ? 2 : 1);
  return value;
}

bool starts_json(std::string_view line) noexcept {
  const auto first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && (line[first] == '{' || line[first] == '[');
}

} // namespace

sse_parser::event sse_parser::pull(bool at_end) {
  if (failed_)
    return too_long();
  for (;;) {
    if (deferred_) {
      const auto line = *std::exchange(deferred_, std::nullopt);
      if (auto result = take(line))
        return *result;
    }
    // Joined data was copied, everything else that is pending stands in the buffer.
    if (pending_ != pending::one_line && !raw_)
      buffer_.release();
    if (pending_ == pending::none && joined_.capacity() > line_buffer::padding)
      std::string{}.swap(joined_);
    auto line = buffer_.next_line();
    // Only what belongs to the current event counts: more events may have come with it.
    if ((line ? buffer_.taken() : buffer_.held()) > line_buffer::max_line
        || joined_.size() > line_buffer::max_line)
      return too_long();
    if (!line && at_end)
      line = buffer_.last_line();
    if (!line)
      break;
    if (auto result = take(*line))
      return *result;
  }
  if (at_end && raw_)
    return dispatch_raw(buffer_.held());
  if (at_end && pending_ != pending::none)
    return dispatch_data();
  buffer_.trim();
  return {};
}

std::optional<sse_parser::event> sse_parser::take(line_buffer::span where) {
  auto line = buffer_.view(where);
  if (std::exchange(at_start_, false) && line.starts_with("\xEF\xBB\xBF")) {
    line.remove_prefix(3);
    where = {where.offset + 3, where.size - 3};
  }
  if (raw_)
    return take_raw(where, line);
  if (line.empty()) {
    if (pending_ != pending::none)
      return dispatch_data();
    is_error_ = false;
    return std::nullopt;
  }
  if (line.front() == 'd') {
    take_data(where, line);
    return std::nullopt;
  }
  if (line.starts_with("event")) {
    if (const auto name = value_of(line, 5))
      is_error_ = *name == "error";
    return std::nullopt;
  }
  if (line.starts_with("error"))
    return take_error(where, line);
  if (line.front() == ':')
    return event{status::comment, {}, false};
  if (!starts_json(line))
    return std::nullopt;
  if (pending_ != pending::none) {
    deferred_ = where;
    return dispatch_data();
  }
  raw_ = where.offset;
  depth_ = 0;
  return take_raw(where, line);
}

void sse_parser::take_data(line_buffer::span where, std::string_view line) {
  if (!line.starts_with("data"))
    return;
  if (const auto value = value_of(line, 4))
    add_data({where.offset + (line.size() - value->size()), value->size()}, *value);
}

std::optional<sse_parser::event> sse_parser::take_error(line_buffer::span where, std::string_view line) {
  const auto value = value_of(line, 5);
  if (!value || value->find_first_not_of(" \t") == std::string_view::npos)
    return std::nullopt;
  if (pending_ == pending::none)
    return event{status::data, *value, true};
  deferred_ = where;
  return dispatch_data();
}

std::optional<sse_parser::event> sse_parser::take_raw(line_buffer::span where, std::string_view line) {
  // No line of JSON starts like this: what came before it is broken off.
  if (line.starts_with("data:")) {
    deferred_ = where;
    return dispatch_raw(where.offset);
  }
  depth_ += bracket_balance(line);
  if (depth_ > 0)
    return std::nullopt;
  return dispatch_raw(where.offset + where.size);
}

void sse_parser::add_data(line_buffer::span where, std::string_view value) {
  switch (pending_) {
    case pending::none:
      data_ = where;
      pending_ = pending::one_line;
      return;
    case pending::one_line:
      joined_ = buffer_.view(data_);
      pending_ = pending::joined;
      break;
    case pending::joined:
      break;
  }
  joined_ += '\n';
  joined_ += value;
}

sse_parser::event sse_parser::dispatch_data() {
  const auto is_error = std::exchange(is_error_, false);
  if (std::exchange(pending_, pending::none) == pending::one_line)
    return {status::data, buffer_.view(data_), is_error};
  joined_.append(line_buffer::padding, '\0');
  return {status::data, std::string_view{joined_}.substr(0, joined_.size() - line_buffer::padding), is_error};
}

sse_parser::event sse_parser::dispatch_raw(std::size_t end) {
  const auto start = *std::exchange(raw_, std::nullopt);
  return {status::raw, buffer_.view({start, end - start}), std::exchange(is_error_, false)};
}

sse_parser::event sse_parser::too_long() {
  failed_ = true;
  return {status::too_long, {}, false};
}

} // namespace magna
