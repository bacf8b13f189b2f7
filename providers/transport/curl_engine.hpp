#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <magna/providers/transport/transfer.hpp>

namespace magna {

/// INTERNAL: works on transfers with one libcurl multi handle and one epoll instance. Belongs to one thread,
/// but for `wake`. Listeners are called from `run_timers`, `run_sockets`, `begin` and `go_on`, and must call
/// none of these; what arrived in one read is one call of on_data.
class curl_engine {
public:
  /// Called once for each transfer begun and not dropped, when libcurl is done with it: it is whole, or how
  /// it failed. A paused transfer ends when it goes on.
  using end_handler = std::function<void(transfer&, std::optional<transfer_error>)>;

  /// Throws when the process has no descriptor or memory left.
  curl_engine(const std::string& ca_file, std::size_t max_kept_connections, end_handler on_end);
  ~curl_engine();

  /// Starts a transfer, which must stay where it is until it ended or is dropped. It may end within this
  /// call.
  void begin(transfer& x);

  /// Lets a paused transfer go on, or end.
  void go_on(transfer& x);

  /// Breaks a transfer off, silently. Its connection closes at once, or its stream if it shares one.
  void drop(transfer& x);

  /// Does what is due by now.
  void run_timers();

  /// Waits until a socket is ready, the next timer is due or `wake` is called. Does not wait if `poll_only`.
  void wait(bool poll_only);

  /// Deals with the sockets that `wait` found ready.
  void run_sockets();

  /// Ends the current or the next wait. Any thread may call this.
  void wake() noexcept;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace magna
