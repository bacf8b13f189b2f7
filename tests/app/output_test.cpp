#include <magna/app/output.hpp>

#include <magna/tests/support/test.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using magna::app::output;

namespace {

struct pipe_fixture {
  pipe_fixture() {
    std::signal(SIGPIPE, SIG_IGN);
    if (::pipe(ends.data()) != 0)
      magna::test::runnable::current().fail("no pipe");
  }
  ~pipe_fixture() {
    for (const int fd : ends)
      if (fd != -1)
        ::close(fd);
  }

  /// Polls once without waiting and lets the output handle what it finds. Returns whether there was anything.
  static bool turn(output& out) {
    pollfd watched{out.fd(), out.poll_events(), 0};
    ::poll(&watched, 1, 0);
    out.handle(watched.revents);
    return watched.revents != 0;
  }

  std::string read_some() const {
    std::array<char, 65536> buffer{};
    const auto count = ::read(ends[0], buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

  void close_reader() { ::close(std::exchange(ends[0], -1)); }

  std::array<int, 2> ends{-1, -1};
};

} // namespace

WITH_FIXTURE(pipe_fixture) {

SUITE("app.output") {

TEST("bytes are written in order, and what waits is counted") {
  output out{ends[1]};
  out.append("one ");
  out.append("{}");
  out.append("two");
  check_eq(out.unwritten(), 9u);
  check(turn(out));
  check(out.empty());
  check_eq(out.unwritten(), 0u);
  check_eq(read_some(), "one {}two");
}

TEST("a reader that does not read never blocks the writer, and gets all in the end") {
  output out{ends[1]};
  const std::string text(1'000'000, 'x');
  out.append(text);
  while (turn(out)) {}
  check(!out.empty());
  std::string received;
  while (!out.empty()) {
    received += read_some();
    turn(out);
  }
  while (received.size() < text.size())
    received += read_some();
  check_eq(received == text, true);
}

TEST("a reader that is gone is noticed without writing") {
  output out{ends[1]};
  turn(out);
  check(out.now() == output::state::open);
  close_reader();
  turn(out);
  check(out.now() == output::state::closed);
}

TEST("a socket whose other end is closed is noticed without writing") {
  std::array<int, 2> both{-1, -1};
  require_eq(::socketpair(AF_UNIX, SOCK_STREAM, 0, both.data()), 0);
  output out{both[1]};
  turn(out);
  check(out.now() == output::state::open);
  ::close(both[0]);
  turn(out);
  check(out.now() == output::state::closed);
  ::close(both[1]);
}

TEST("a reader that is gone is noticed when writing") {
  output out{ends[1]};
  out.append("text");
  close_reader();
  turn(out);
  check(out.now() == output::state::closed);
}

TEST("a full device is a failure in words") {
  const int full = ::open("/dev/full", O_WRONLY);
  output out{full};
  out.append("text");
  turn(out);
  check(out.now() == output::state::failed);
  check_eq(out.error(), "No space left on device");
  ::close(full);
}

TEST("a descriptor that is not open is a failure") {
  output out{987};
  out.append("text");
  turn(out);
  check(out.now() == output::state::failed);
}

} // SUITE("app.output")

} // WITH_FIXTURE(pipe_fixture)
