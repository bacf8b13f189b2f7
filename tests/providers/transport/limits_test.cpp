#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <magna/providers/transport/epoll_poller.hpp>
#include <magna/providers/transport/own_limits.hpp>
#include <magna/tests/providers/transport/environment.hpp>
#include <magna/tests/providers/transport/fixture.hpp>
#include <magna/tests/providers/transport/tls_server.hpp>

using namespace std::literals;
using namespace magna;
using magna::test::response;

namespace {

/// While it lives, this process can open so many files more, and none beyond.
class files_left {
public:
  explicit files_left(int count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto limit = before_;
    limit.rlim_cur = 0;
    while (count >= 0) {
      if (fcntl(static_cast<int>(limit.rlim_cur), F_GETFD) == -1)
        --count;
      ++limit.rlim_cur;
    }
    --limit.rlim_cur;
    setrlimit(RLIMIT_NOFILE, &limit);
    remedy_ = "too many open files; raise ulimit -n (now " + std::to_string(limit.rlim_cur) + ')';
  }
  ~files_left() { setrlimit(RLIMIT_NOFILE, &before_); }
  files_left(const files_left&) = delete;
  files_left& operator=(const files_left&) = delete;

  [[nodiscard]] const std::string& remedy() const noexcept { return remedy_; }

private:
  rlimit before_{};
  std::string remedy_;
};

} // namespace

SUITE("own limits") {

TEST("errors of the system name the limit, or are others' errors") {
  check(own_limit_of(EMFILE) == own_limit::descriptors);
  check(own_limit_of(ENFILE) == own_limit::host_descriptors);
  check(own_limit_of(ENOMEM) == own_limit::memory);
  check(own_limit_of(ENOBUFS) == own_limit::buffers);
  check(own_limit_of(EADDRNOTAVAIL) == own_limit::ports);
  check(own_limit_of(EAGAIN) == own_limit::ports);
  check(own_limit_of(ENOSPC) == own_limit::watches);
  for (const auto error : {0, ECONNREFUSED, ENETUNREACH, EAFNOSUPPORT, EACCES, ETIMEDOUT})
    check(own_limit_of(error) == own_limit::none);
  check(thread_limit_of(EAGAIN) == own_limit::threads);
  check(thread_limit_of(EINVAL) == own_limit::none);
}

TEST("a socket that the system does not watch is not waited for") {
  epoll_poller poller;
  // A file is never ready or not: epoll takes none.
  auto* file = std::tmpfile();
  check_eq(poller.watch(fileno(file), EPOLLIN), EPERM);
  std::fclose(file);
}

WITH_FIXTURE(test::transport_fixture) {

TEST("without a descriptor for a socket a request is overloaded, and the next one goes well") {
  {
    const files_left limit{0};
    auto x = get();
    require(x->ends());
    check_eq(x->outcome(), "overloaded: no connection to " + server.authority() + ": " + limit.remedy());
    check(x->in_order());
  }
  auto x = get();
  auto peer = server.accept();
  peer.read_request();
  peer.write(response("ok"));
  require(x->ends());
  check_eq(x->outcome(), "ok"s);
}

TEST("without a descriptor for the name service a request is overloaded, and the name is not called wrong") {
  for (const auto left : {0, 1, 2}) {
    const files_left limit{left};
    auto x = get("http://host.invalid:8080/");
    require(x->ends());
    check_eq(x->outcome(), "overloaded: no connection to host.invalid:8080: " + limit.remedy());
  }
}

TEST("many at once: as many as there are descriptors are served, the others are overloaded") {
  std::vector<running> all;
  {
    const files_left limit{10};
    for (auto i = 0; i < 50; ++i)
      all.push_back(get());
    for (auto i = 10; i < 50; ++i) {
      require(all[static_cast<std::size_t>(i)]->ends());
      check_eq(all[static_cast<std::size_t>(i)]->outcome(),
               "overloaded: no connection to " + server.authority() + ": " + limit.remedy());
    }
  }
  for (auto i = 0; i < 10; ++i) {
    auto peer = server.accept();
    peer.read_request();
    peer.write(response("ok"));
    require(all[static_cast<std::size_t>(i)]->ends());
    check_eq(all[static_cast<std::size_t>(i)]->outcome(), "ok"s);
  }
}

TEST("an address that this host cannot reach is no limit of its own") {
  // No host has an address from which one of the documentation's is reached over its loopback.
  auto x = get("http://[ff05::1%25lo]:1/", nullptr, {.connect_timeout = 2s});
  require(x->ends());
  check(!x->outcome().starts_with("overloaded"));
}

} // WITH_FIXTURE(test::transport_fixture)

TEST("without a descriptor for the file of certificates a request is overloaded") {
  test::self_signed_certificate identity{"IP:127.0.0.1"};
  test::transport_fixture world{{.ca_file = identity.file()}};
  const files_left limit{1};
  auto x = world.get("https://" + world.server.authority() + "/");
  require(x->ends());
  check_eq(x->outcome(), "overloaded: no connection to " + world.server.authority() + ": " + limit.remedy());
}

} // SUITE("own limits")
