#include <magna/providers/transport/curl_judge.hpp>

#include <cerrno>

#include <magna/providers/transport/transfer_failure.hpp>
#include <magna/providers/transport/urls.hpp>

namespace magna {

namespace {

using clock_type = std::chrono::steady_clock;

/// A file that could not be opened so shortly after a socket had the same reason.
constexpr std::chrono::seconds same_moment{1};

template <class T>
T info(const curl_slot& from, CURLINFO which) {
  T result{};
  curl_easy_getinfo(from.easy.get(), which, &result);
  return result;
}

/// The proxy that a transfer went through, if it did: libcurl alone knows the exceptions, and does not tell.
std::string proxy_of(const curl_slot& done, CURLcode result, std::string_view detail) {
  const auto& url = done.current->request.url;
  auto proxy = leads_to_this_host(url) ? std::string{} : proxy_in_environment(url);
  if (proxy.empty() || result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_PROXY
      || info<long>(done, CURLINFO_HTTP_CONNECTCODE) != 0)
    return proxy;
  const auto opened = done.opened_port();
  const auto port = ':' + std::to_string(opened != 0 ? opened : info<long>(done, CURLINFO_PRIMARY_PORT));
  const auto host = proxy.substr(0, proxy.rfind(':'));
  const auto is_used = proxy.ends_with(port)
                       && (!authority_of(url).ends_with(port) || detail.find(host) != std::string_view::npos);
  return is_used ? proxy : std::string{};
}

int connect_error(const curl_slot& done) {
  const auto error = static_cast<int>(info<long>(done, CURLINFO_OS_ERRNO));
  return error != 0 ? error : done.socket_error;
}

} // namespace

std::optional<transfer_error> curl_judge::judge(const curl_slot& done, CURLcode result) {
  if (result == CURLE_OK && done.head.complete())
    return std::nullopt;
  const auto& x = *done.current;
  const auto authority = authority_of(x.request.url);
  if (result == CURLE_OK)
    return head_truncated(authority);
  if (done.head_too_large)
    return head_too_large(authority, response_head_parser::max_bytes);
  if (done.body_too_large)
    return body_too_large(authority, x.options.max_response_bytes);
  const std::string_view detail = done.error.front() != '\0' ? done.error.data() : curl_easy_strerror(result);
  const auto proxy = proxy_of(done, result, detail);
  return describe({.result = result,
                   .limit = limit_behind(done, result, detail),
                   .os_error = connect_error(done),
                   .detail = detail,
                   .authority = authority,
                   .proxy = proxy,
                   .proxy_status = done.proxy_wants_login
                                     ? proxy_login_status
                                     : static_cast<int>(info<long>(done, CURLINFO_HTTP_CONNECTCODE)),
                   .trusted = trusted_,
                   .connected = info<curl_off_t>(done, CURLINFO_PRETRANSFER_TIME_T) > 0,
                   .status = done.head.status(),
                   .received = done.received,
                   .connect_timeout = x.options.connect_timeout,
                   .max_response_bytes = x.options.max_response_bytes});
}

own_limit curl_judge::limit_behind(const curl_slot& done, CURLcode result, std::string_view detail) {
  const auto error = connect_error(done);
  switch (result) {
    case CURLE_COULDNT_CONNECT: {
      auto limit = own_limit_of(done.socket_error);
      if (limit == own_limit::none && (error != EADDRNOTAVAIL || done.can_be_reached()))
        limit = own_limit_of(error);
      if (limit == own_limit::descriptors || limit == own_limit::host_descriptors)
        no_descriptor_at_ = clock_type::now();
      return limit;
    }
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return error == ENOBUFS || error == ENOMEM ? own_limit_of(error) : own_limit::none;
    case CURLE_OUT_OF_MEMORY:
      return own_limit::memory;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
      break;
    default:
      return own_limit::none;
  }
  // The name service and OpenSSL read files, and do not say why they could not.
  if (const auto limit = descriptor_limit_now(); limit != own_limit::none)
    return limit;
  if (no_descriptor_at_ && clock_type::now() - *no_descriptor_at_ < same_moment)
    return own_limit::descriptors;
  return detail.find("thread failed to start") != std::string_view::npos ? own_limit::threads
                                                                         : own_limit::none;
}

} // namespace magna
