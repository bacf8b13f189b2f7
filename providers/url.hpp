#pragma once

#include <string>
#include <string_view>

namespace magna {

/// Appends `path` (with its leading slash) to the path of `base`, which may end in slashes and carry a query.
std::string join_url(std::string_view base, std::string_view path);

/// `text` as one segment of a URL's path (RFC 3986): all but unreserved characters percent-encoded.
std::string percent_encode(std::string_view text);

/// The path of a URL, without a query and without slashes at its end: "/v1"; empty if there is none.
std::string_view path_of_url(std::string_view url) noexcept;

/// A URL for people: user, query and fragment may hold secrets, and are replaced by "(hidden)".
std::string url_to_show(std::string_view url);

/// The base URL that Ollama's own programs make of OLLAMA_HOST: "gpu-1", "gpu-1:8080", ":8080", "https://ollama.com",
/// each with a path or without. The port is 11434 unless a scheme says otherwise. An address to listen on, 0.0.0.0 or
/// [::], is this host. What is no such text comes back as an odd URL, for the settings' check to refuse.
std::string url_of_ollama_host(std::string_view text);

} // namespace magna
