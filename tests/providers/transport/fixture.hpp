#pragma once

#include <memory>
#include <string>
#include <utility>

#include <sys/resource.h>

#include <magna/providers/transport/curl_transport.hpp>
#include <magna/tests/providers/transport/raw_server.hpp>
#include <magna/tests/providers/transport/recorder.hpp>
#include <magna/tests/support/test.hpp>

namespace magna::test {

/// Lets this process have as many open files as it may, and says how many.
inline rlim_t raise_file_limit() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur;
}

/// A server and a transport, and no proxy between them whatever the environment says.
struct transport_fixture {
  struct running {
    transfer_id id;
    std::shared_ptr<recorder> listener;

    recorder* operator->() const { return listener.get(); }
  };

  raw_server server;
  std::unique_ptr<curl_transport> transport;

  explicit transport_fixture(const curl_transport::settings& config = {}) {
    for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      unsetenv(name);
    transport = std::make_unique<curl_transport>(config);
  }

  running get(std::string url, recorder::decision go_on = nullptr, const transfer_options& options = {}) {
    return start({.method = "GET", .url = std::move(url), .headers = {}, .body = {}}, std::move(go_on),
                 options);
  }

  running get(recorder::decision go_on = nullptr, const transfer_options& options = {}) {
    return get(server.url(), std::move(go_on), options);
  }

  running start(http_request request, recorder::decision go_on = nullptr,
                const transfer_options& options = {}) {
    auto listener = std::make_shared<recorder>(std::move(go_on));
    const auto id = transport->start(std::move(request), options, listener);
    return {id, std::move(listener)};
  }

  void resume(const running& x) {
    x->resumed();
    transport->resume(x.id);
  }
};

} // namespace magna::test
