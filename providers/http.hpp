#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace magna {

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// What a codec makes and a transport sends.
struct http_request {
  std::string method = "POST";
  std::string url;
  http_headers headers;
  std::string body;
};

/// The status line and headers of a response. Header names are in lower case.
struct http_head {
  int status = 0;
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
