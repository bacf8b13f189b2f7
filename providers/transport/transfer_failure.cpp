#include <magna/providers/transport/transfer_failure.hpp>

#include <cerrno>
#include <system_error>

#include <magna/text/ascii.hpp>
#include <magna/text/duration.hpp>

namespace magna {

namespace {

std::string_view name_of(const transfer_failure& x) {
  return x.authority.empty() ? std::string_view{"the server"} : x.authority;
}

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

/// A connect that failed: the peer's fault, unless this process has no socket to offer.
transfer_error connect_failed(const transfer_failure& x) {
  if (x.os_error == EMFILE || x.os_error == ENFILE)
    return {errc::overloaded, concat("no connection to ", name_of(x), ": ", os_reason(x.os_error))};
  // When a proxy stands between, libcurl names the proxy instead of the host.
  const auto host = x.authority.substr(0, x.authority.rfind(':'));
  const auto direct = x.detail.find(host) != std::string_view::npos;
  const auto reason = x.os_error != 0 ? os_reason(x.os_error) : std::string{"nobody answers"};
  return {errc::provider_unavailable,
          concat("could not connect to ", name_of(x), direct ? "" : " through the proxy", ": ", reason)};
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
  switch (x.result) {
    case CURLE_UNSUPPORTED_PROTOCOL:
      // Also libcurl's answer to a server that does not speak HTTP.
      if (x.connected)
        return {errc::provider_error, concat(name, " answered something that is not HTTP")};
      return {errc::invalid_request, "the URL is neither http nor https"};
    case CURLE_URL_MALFORMAT:
      return {errc::invalid_request, "the URL is malformed"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {errc::provider_unavailable,
              concat("the name of the proxy for ", name, " could not be resolved")};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {errc::provider_unavailable, concat("the name of ", name, " could not be resolved")};
    case CURLE_PROXY:
      return {errc::provider_unavailable, concat("the proxy gave no connection to ", name, ": ", x.detail)};
    case CURLE_COULDNT_CONNECT:
      return connect_failed(x);
    case CURLE_OPERATION_TIMEDOUT:
      if (x.connected)
        return {errc::timeout, concat(name, " did not answer in time")};
      return {errc::timeout, concat("could not connect to ", name, " within ",
                                    seconds_text(x.connect_timeout), " (connect timeout)")};
    case CURLE_SSL_CONNECT_ERROR:
      return {errc::provider_unavailable, concat("no TLS connection to ", name, ": ", x.detail)};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return {errc::provider_error,
              concat("the certificate of ", name, " could not be verified: ", x.detail)};
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
