#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <magna/bench/child.hpp>

namespace magna::bench {

// A provider that costs next to nothing: one epoll loop that looks at a request's path and has the answer at
// hand. It speaks as much of OpenAI's protocol as magna asks for.
//
//   /answer/...              one whole answer
//   /stream/EVENTS/...       so many events, as fast as the socket takes them
//   /paced/MICROSECONDS/...  one event every so often, without end; its text says when it was sent

/// The text of one event: 15 digits, the time of the monotonic clock in microseconds, and a space.
inline constexpr std::size_t token_size = 16;

/// One event of a stream, with nothing around it: "data: {...}\n\n".
std::string event_of(std::string_view token);

/// The body of a whole answer.
std::string answer_body(std::string_view text);

/// The body of a stream of so many events, ended as it should be.
std::string stream_body(std::uint32_t events);

/// Serves on a free port of the loopback; writes its URL to stdout as a line. Does not return.
void serve();

/// An upstream in a process of its own; it ends with this.
class upstream_process {
public:
  upstream_process();

  /// "http://127.0.0.1:PORT".
  const std::string& url() const noexcept { return url_; }

  pid_t pid() const noexcept { return process_.pid(); }

private:
  child process_;
  std::string url_;
};

} // namespace magna::bench
