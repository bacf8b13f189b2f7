#include <magna/bench/child.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <magna/bench/machine.hpp>

namespace magna::bench {

child::child(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipe for another process"};
  std::string self = "magna-bench";
  std::vector<char*> argv{self.data()};
  for (auto& x : arguments)
    argv.push_back(x.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    raise_priority_of_session();
    dup2(ends[1], STDOUT_FILENO);
    execv("/proc/self/exe", argv.data());
    _exit(127);
  }
  close(ends[1]);
  out_ = ends[0];
  if (pid_ < 0) {
    close(out_);
    throw std::runtime_error{"no other process can be started"};
  }
}

child::~child() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait();
  }
  close(out_);
}

std::string child::read_line() {
  for (;;) {
    if (const auto end = read_.find('\n'); end != std::string::npos) {
      auto line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> buffer;
    const auto got = read(out_, buffer.data(), buffer.size());
    if (got > 0)
      read_.append(buffer.data(), static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR)
      return std::exchange(read_, {});
  }
}

int child::wait() {
  int status = 0;
  rusage used{};
  while (wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {}
  pid_ = -1;
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  cpu_us_ = us(used.ru_utime) + us(used.ru_stime);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace magna::bench
