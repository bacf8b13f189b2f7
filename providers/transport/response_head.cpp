#include <magna/providers/transport/response_head.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include <magna/text/ascii.hpp>

namespace magna {

namespace {

/// Of the header lines of a small server; those of the big ones have one to two kilobytes.
constexpr std::size_t usual_size = 256;

} // namespace

response_head_parser::progress response_head_parser::feed(std::string_view line) {
  bytes_ += line.size();
  if (bytes_ > max_bytes)
    return progress::too_large;
  if (complete_)
    return progress::more;
  if (line.starts_with("HTTP/")) {
    status_line(line);
    return progress::more;
  }
  if (line.find_first_not_of("\r\n") != std::string_view::npos) {
    header_line(line);
    return progress::more;
  }
  // A server that switches protocols unasked has said its last word in HTTP.
  complete_ = status_ >= 200 || status_ == 101;
  return complete_ ? progress::complete : progress::more;
}

http_head response_head_parser::take() {
  head_.status = status_;
  return std::exchange(head_, http_head{});
}

void response_head_parser::reset() {
  head_ = http_head{};
  status_ = 0;
  bytes_ = 0;
  complete_ = false;
}

void response_head_parser::status_line(std::string_view line) {
  head_.lines.clear();
  head_.lines.reserve(usual_size);
  status_ = 0;
  const auto space = line.find(' ');
  if (space == std::string_view::npos)
    return;
  const auto code = trim(line.substr(space));
  std::from_chars(code.data(), code.data() + code.size(), status_);
}

void response_head_parser::header_line(std::string_view line) {
  // A folded line goes on with the value before it (RFC 9112, section 5.2).
  if (line.front() == ' ' || line.front() == '\t') {
    if (!head_.lines.empty()) {
      head_.lines.back() = ' ';
      head_.lines.append(trim(line)) += '\n';
    }
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  const auto name = trim(line.substr(0, colon));
  const auto start = head_.lines.size();
  head_.add(name, trim(line.substr(colon + 1)));
  const auto first = head_.lines.begin() + static_cast<std::ptrdiff_t>(start);
  std::transform(first, first + static_cast<std::ptrdiff_t>(name.size()), first,
                 [](char c) { return to_lower(c); });
}

} // namespace magna
