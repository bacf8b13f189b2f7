#include <magna/providers/transport/transfer_failure.hpp>

#include <system_error>

#include <magna/providers/transport/nobody_answered.hpp>
#include <magna/text/ascii.hpp>
#include <magna/text/duration.hpp>

namespace magna {

namespace {

template <class... Ts>
std::string concat(const Ts&... parts) {
  std::string result;
  (result.append(parts), ...);
  return result;
}

/// "connection refused", as a part of a sentence.
std::string os_reason(int error) {
  auto text = std::generic_category().message(error);
  if (!text.empty())
    text.front() = to_lower(text.front());
  return text;
}

/// How all that is said of a connect that came to nothing begins.
constexpr std::string_view no_connect = "could not connect to ";

/// Who did what is told, and what stood between.
std::string name_of(const transfer_failure& x) {
  const auto name = x.authority.empty() ? std::string_view{"the server"} : x.authority;
  return x.proxy.empty() ? std::string{name} : concat(name, " through the proxy ", x.proxy);
}

std::string proxy_name(const transfer_failure& x) {
  return x.proxy.empty() ? std::string{"the proxy"} : concat("the proxy ", x.proxy);
}

std::string server_name(const transfer_failure& x) {
  return x.authority.empty() ? "the server" : std::string{x.authority};
}

transfer_error connect_failed(const transfer_failure& x) {
  // libcurl's words have the proxy's password in them.
  if (x.detail.starts_with("Unsupported proxy"))
    return {errc::provider_unavailable,
            concat("the environment names a proxy for ", server_name(x),
                   " that is none: http, https and socks5 can be used"),
            false};
  const auto reason = x.os_error != 0 ? os_reason(x.os_error) : std::string{"nobody answers"};
  return {errc::provider_unavailable, concat(no_connect, name_of(x), ": ", reason)};
}

/// The proxy was asked for a way to the server and gave none.
transfer_error proxy_refused(const transfer_failure& x) {
  auto text = concat(proxy_name(x), " refused a connection to ", server_name(x), ": status ",
                     std::to_string(x.proxy_status));
  if (x.proxy_status == proxy_login_status)
    text += ", it wants a user and a password, as in https_proxy=http://USER:PASSWORD@HOST:PORT";
  return {errc::provider_unavailable, std::move(text)};
}

/// A handshake that failed. OpenSSL's own errors come again; a connection that broke off may not.
transfer_error handshake_failed(const transfer_failure& x) {
  transfer_error result{errc::provider_unavailable,
                        concat("no TLS connection to ", name_of(x), ": ", x.detail)};
  const auto says = [&x](std::string_view word) { return x.detail.find(word) != std::string_view::npos; };
  if (says("error:") && !says("unexpected eof") && !says("internal error"))
    result.should_retry = false;
  return result;
}

/// A connection that broke with the request under way.
transfer_error broken(const transfer_failure& x) {
  const auto after_head = x.status != 0;
  const auto code = x.status >= 200 && x.status < 300 ? errc::stream_truncated : errc::provider_unavailable;
  auto text = concat("the connection to ", name_of(x), " broke");
  if (after_head)
    text +=
      concat(" in the middle of the response, after ", std::to_string(x.received), " bytes of its body");
  else
    text += " before the response";
  if (!x.detail.empty())
    text += concat(": ", x.detail);
  return {code, std::move(text)};
}

} // namespace

transfer_error describe(const transfer_failure& x) {
  const auto name = name_of(x);
  if (x.limit != own_limit::none && x.status == 0)
    return {errc::overloaded, concat("no connection to ", server_name(x), ": ", describe(x.limit))};
  if (x.proxy_status >= 300)
    return proxy_refused(x);
  switch (x.result) {
    case CURLE_UNSUPPORTED_PROTOCOL:
      // Also libcurl's answer to a server that does not speak HTTP.
      if (x.connected)
        return {errc::provider_error, concat(name, " answered something that is not HTTP")};
      return {errc::invalid_request, "the URL is neither http nor https"};
    case CURLE_URL_MALFORMAT:
      return {errc::invalid_request, "the URL is malformed"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      if (x.detail.starts_with("Unsupported proxy"))
        return connect_failed(x);
      return {errc::provider_unavailable,
              concat("the name of ", proxy_name(x), " for ", server_name(x), " could not be resolved")};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {errc::provider_unavailable, concat("the name of ", name, " could not be resolved")};
    case CURLE_PROXY:
      return {errc::provider_unavailable,
              concat(proxy_name(x), " gave no connection to ", server_name(x), ": ", x.detail)};
    case CURLE_COULDNT_CONNECT:
      return connect_failed(x);
    case CURLE_OPERATION_TIMEDOUT:
      if (x.connected)
        return {errc::timeout, concat(name, " did not answer in time")};
      return {errc::timeout,
              concat(no_connect, name, " within ", seconds_text(x.connect_timeout), " (connect timeout)")};
    case CURLE_SSL_CONNECT_ERROR:
      return handshake_failed(x);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {errc::provider_error,
              concat("the certificate of ", name, " could not be verified: ", x.detail,
                     x.trusted.empty() ? "" : "; trusted are those of ", x.trusted),
              false};
    case CURLE_GOT_NOTHING:
      return {errc::provider_unavailable, concat(name, " closed the connection without a response")};
    case CURLE_HTTP2:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
      return broken(x);
    case CURLE_FILESIZE_EXCEEDED:
      return body_too_large(name, x.max_response_bytes);
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
      return {errc::overloaded, concat("no memory for a request to ", name)};
    default:
      break;
  }
  return {errc::provider_error, concat("the response of ", name, " could not be read: ", x.detail)};
}

bool nobody_answered(std::string_view message) noexcept {
  return message.starts_with(no_connect);
}

transfer_error body_too_large(std::string_view authority, std::size_t limit) {
  return {errc::provider_error,
          concat("the response of ", authority, " has more than ", std::to_string(limit), " bytes")};
}

transfer_error head_too_large(std::string_view authority, std::size_t limit) {
  return {errc::provider_error,
          concat("the headers of ", authority, " have more than ", std::to_string(limit), " bytes")};
}

transfer_error head_truncated(std::string_view authority) {
  return {errc::provider_unavailable,
          concat("the connection to ", authority, " ended in the middle of the response's head")};
}

} // namespace magna
