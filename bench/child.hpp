#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace magna::bench {

/// This program once more, with other arguments, in a process of its own that is killed when this ends or
/// with this process. It has this process's priority. Its stdout comes here.
class child {
public:
  explicit child(std::vector<std::string> arguments);
  ~child();

  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// The next line of its stdout, without its end; what there is when it closes it.
  std::string read_line();

  pid_t pid() const noexcept { return pid_; }

  /// Waits for its end. Returns its exit status, or -1 if it was killed.
  int wait();

  /// What it took of the cores in all its life, in microseconds: known after its end.
  double cpu_us() const noexcept { return cpu_us_; }

private:
  pid_t pid_ = -1;
  int out_ = -1;
  double cpu_us_ = 0;
  std::string read_;
};

} // namespace magna::bench
