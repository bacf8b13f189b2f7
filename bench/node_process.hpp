#pragma once

#include <string>

#include <magna/bench/child.hpp>
#include <magna/bench/load.hpp>

namespace magna::bench {

/// A node in a process of its own, with the chain of a load; it ends with this.
class node_process {
public:
  explicit node_process(const load& what);

  /// "HOST:PORT".
  const std::string& address() const noexcept { return address_; }

  pid_t pid() const noexcept { return process_.pid(); }

private:
  child process_;
  std::string address_;
};

/// What such a process does: serves, and writes its address to stdout as a line, and never returns.
void run_node(const load& what);

} // namespace magna::bench
