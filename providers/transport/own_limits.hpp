#pragma once

#include <string>

namespace magna {

/// What this process, or its host, has no more of. That is no fault of the server's that was to be asked.
enum class own_limit {
  none,
  /// Of this process: ulimit -n.
  descriptors,
  /// Of all processes together.
  host_descriptors,
  /// Of this user or container: ulimit -u.
  threads,
  memory,
  /// For sockets, in the system.
  buffers,
  /// Of the host's own, for connections to one address.
  ports,
  /// Sockets in epoll sets.
  watches,
};

/// The limit behind an error of a system call that makes a descriptor or a connection; none for all other errors.
own_limit own_limit_of(int os_error) noexcept;

/// The limit behind the error of a thread that could not be started.
own_limit thread_limit_of(int os_error) noexcept;

/// Whether the few descriptors that it takes to look a name up, or to read a file, can be had right now: for errors of
/// libraries that do not say why they found nothing.
own_limit descriptor_limit_now() noexcept;

/// What to do about it: "raise ulimit -n (now 1024)". Empty for none.
std::string remedy_of(own_limit x);

/// The cause and the remedy, as a part of a sentence: "too many open files; raise ulimit -n (now 1024)".
std::string describe(own_limit x);

} // namespace magna
