#pragma once

#include <string>
#include <string_view>

namespace magna {

/// Appends `path` (with its leading slash) to the path of `base`, which may end in slashes and carry a query.
std::string join_url(std::string_view base, std::string_view path);

/// `text` as one segment of a URL's path (RFC 3986): all but unreserved characters percent-encoded.
std::string percent_encode(std::string_view text);

} // namespace magna
