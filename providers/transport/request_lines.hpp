#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <magna/providers/transport/http.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// The header lines of a request as libcurl takes them: each ends in a zero byte, without a line end.
struct header_lines {
  std::string text;
  /// Where in `text` each line begins.
  std::vector<std::size_t> starts;
};

/// Lays out a request's headers. Suppresses what libcurl would add by itself unless the request says it:
/// `Expect`, which costs a round trip, and the `Content-Type` of a form. Pure.
header_lines lay_out(const http_headers& headers);

/// Says why a request can't go on the wire: its method, or a header that would smuggle in another one. Names
/// the header, never its value, which may be a key. Pure.
std::optional<transfer_error> check(const http_request& request);

} // namespace magna
