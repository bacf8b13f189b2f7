#pragma once

#include <string>

namespace magna {

/// "host:port" of a URL and nothing else of it: user info, path and query may hold secrets. Empty for what is
/// no URL.
std::string authority_of(const std::string& url);

/// Whether a URL leads to this host and no further: localhost and the names below it, 127.0.0.0/8, ::1, the
/// addresses that stand for any address, and the host's own name.
bool leads_to_this_host(const std::string& url);

/// "host:port" of the proxy that the environment names for a URL, as libcurl reads it; empty if it names none.
/// Exceptions (NO_PROXY) are not looked at.
std::string proxy_in_environment(const std::string& url);

} // namespace magna
