#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace magna {

/// Names and values, in the order in which they are sent or came.
using http_headers = std::vector<std::pair<std::string, std::string>>;

/// What a codec makes and a transport sends.
struct http_request {
  /// In upper case.
  std::string method = "POST";
  /// Absolute: http or https.
  std::string url{};
  /// Beside those that the transport adds itself (Host, Content-Length).
  http_headers headers{};
  /// Sent as it is; empty: none.
  std::string body{};
};

/// The status line and headers of a response.
struct http_head {
  /// 100 to 599.
  int status = 0;
  /// "name: value", each with a line feed, in the order in which they came; names are in lower case. One
  /// text: there may be dozens, of which one or two are looked at, and by another thread than has read them.
  std::string lines{};

  /// Of neither status nor headers.
  http_head() = default;

  /// With headers, whose names are in lower case and whose values are of one line.
  http_head(int code, const http_headers& headers) : status(code) {
    for (const auto& [name, value] : headers)
      add(name, value);
  }

  /// Adds a header at the end; the same is asked of it.
  void add(std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value) += '\n';
  }

  /// The value of the first header called `name` (lower case), or nothing.
  std::string_view header(std::string_view name) const noexcept {
    for (std::string_view rest = lines; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      if (line.starts_with(name) && line.substr(name.size()).starts_with(": "))
        return line.substr(name.size() + 2);
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return {};
  }
};

} // namespace magna
