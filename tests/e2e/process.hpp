#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace magna::test {

/// How a program ended.
struct outcome {
  /// The exit status; 128 + N when signal N ended it; -1 when it had to be killed because it did not end.
  int status = -1;
  std::string out;
  std::string err;
  std::chrono::milliseconds duration{0};
};

/// What stands behind a program's stdout, or stderr.
enum class sink { pipe, full_device, closed, terminal };

struct process_options {
  std::vector<std::string> arguments;
  /// All of the environment, but for what sanitizers need.
  std::map<std::string, std::string> environment;
  std::filesystem::path directory;
  std::string input;
  sink output = sink::pipe;
  sink errors = sink::pipe;
  /// Processes and threads that the program's user may have, with root's rights given up; 0: as many as there may be.
  unsigned processes = 0;
};

/// A running program: stdin from a text, stdout and stderr collected. Killed by the destructor.
class process {
public:
  process(const std::string& program, const process_options& options);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  void send_signal(int signal) const;

  /// Feeds stdin now, as far as it takes it. Otherwise whoever waits for the program does.
  void feed() { pump(std::chrono::milliseconds{0}); }

  /// Reads until stdout holds `text`. Returns whether it came in time.
  bool wait_for_output(std::string_view text, std::chrono::seconds timeout = std::chrono::seconds{10});

  /// The same for stderr.
  bool wait_for_error(std::string_view text, std::chrono::seconds timeout = std::chrono::seconds{10});

  /// What came on stdout so far.
  const std::string& output() const noexcept { return outcome_.out; }

  /// Closes the reading end of stdout.
  void close_output();

  /// Reads all that comes until the program has ended.
  outcome wait(std::chrono::seconds timeout = std::chrono::seconds{60});

  /// Waits for the end without reading anything.
  outcome wait_without_reading(std::chrono::seconds timeout = std::chrono::seconds{10});

private:
  /// Feeds stdin and reads what has come, waiting at most this long.
  void pump(std::chrono::milliseconds patience);
  bool wait_for(const std::string& where, std::string_view text, std::chrono::seconds timeout);
  bool reap(bool block);
  outcome result();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
  int exit_ = -1;
  std::string input_;
  std::size_t fed_ = 0;
  outcome outcome_;
  bool ended_ = false;
  std::chrono::steady_clock::time_point started_;
};

} // namespace magna::test
