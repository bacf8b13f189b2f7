#include <magna/providers/transport/request_lines.hpp>

#include <algorithm>
#include <string_view>

#include <magna/text/ascii.hpp>

namespace magna {

namespace {

bool equals(std::string_view name, std::string_view lower_case) {
  return std::ranges::equal(name, lower_case, {}, [](char c) { return to_lower(c); });
}

} // namespace

header_lines lay_out(const http_headers& headers) {
  header_lines result;
  std::size_t size = 64;
  for (const auto& [name, value] : headers)
    size += name.size() + value.size() + 3;
  result.text.reserve(size);
  result.starts.reserve(headers.size() + 2);
  const auto add = [&](std::string_view name, std::string_view separator, std::string_view value) {
    result.starts.push_back(result.text.size());
    result.text.append(name).append(separator).append(value).push_back('\0');
  };
  auto add_expect = true;
  auto add_content_type = true;
  for (const auto& [name, value] : headers) {
    // To libcurl a name without a value means "do not send it", and a semicolon "send it empty".
    if (value.empty())
      add(name, ";", {});
    else
      add(name, ": ", value);
    add_expect = add_expect && !equals(name, "expect");
    add_content_type = add_content_type && !equals(name, "content-type");
  }
  if (add_expect)
    add("Expect", ":", {});
  if (add_content_type)
    add("Content-Type", ":", {});
  return result;
}

std::optional<transfer_error> check(const http_request& request) {
  if (!is_token(request.method))
    return transfer_error{errc::invalid_request, "the method of the HTTP request is malformed"};
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name))
      return transfer_error{errc::invalid_request, "the name of a header is malformed"};
    if (!is_field_value(value))
      return transfer_error{errc::invalid_request, "the value of the header " + name
                                                     + " has a control character, such as a line end"};
  }
  return std::nullopt;
}

} // namespace magna
