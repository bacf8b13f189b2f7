#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <magna/providers/transport/own_limits.hpp>
#include <magna/providers/transport/transport.hpp>

namespace magna {

/// The status of a proxy that wants to know who asks. No server says it of itself.
inline constexpr int proxy_login_status = 407;

/// What is known of a transfer that broke.
struct transfer_failure {
  CURLcode result = CURLE_COULDNT_CONNECT;
  /// What this process or its host has no more of, if that is the cause.
  own_limit limit = own_limit::none;
  /// The errno of the last failed connect; 0 when there is none.
  int os_error = 0;
  /// libcurl's own words.
  std::string_view detail;
  /// Who was asked: "host:port", or empty when the URL names nobody.
  std::string_view authority;
  /// The proxy between, "host:port"; empty: there is none, or it is not known.
  std::string_view proxy;
  /// What the proxy answered when it was asked for the server; 0 if nothing.
  int proxy_status = 0;
  /// In words, which certificates are trusted.
  std::string_view trusted;
  /// Whether the request went out.
  bool connected = false;
  /// The response's status, 0 when its head is not whole.
  int status = 0;
  /// Bytes of body that arrived.
  std::uint64_t received = 0;
  std::chrono::milliseconds connect_timeout{0};
  std::size_t max_response_bytes = 0;
};

/// Says what a failure means and words it. A transfer that breaks after the head of a 2xx response is
/// errc::stream_truncated; before it, or in the body of an error response, errc::provider_unavailable.
transfer_error describe(const transfer_failure& failure);

/// The response has more bytes of body than allowed.
transfer_error body_too_large(std::string_view authority, std::size_t limit);

/// The response's head is beyond all measure.
transfer_error head_too_large(std::string_view authority, std::size_t limit);

/// The connection ended before the response's head did.
transfer_error head_truncated(std::string_view authority);

} // namespace magna
