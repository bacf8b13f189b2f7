#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
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
  std::string url;
  /// Beside those that the transport adds itself (Host, Content-Length).
  http_headers headers;
  /// Sent as it is; empty: none.
  std::string body;
};

/// The status line and headers of a response. Header names are in lower case.
struct http_head {
  /// 100 to 599.
  int status = 0;
  /// In the order in which they came.
  http_headers headers;

  /// The value of the first header called `name` (lower case), or nothing.
  std::string_view header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers)
      if (key == name)
        return value;
    return {};
  }
};

} // namespace magna
