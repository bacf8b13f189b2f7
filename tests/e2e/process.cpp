#include "process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace magna::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) == -1)
    fail("pipe2");
  return {ends[0], ends[1]};
}

/// A terminal that does not change line ends.
pipe_ends make_terminal() {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master == -1 || ::grantpt(master) == -1 || ::unlockpt(master) == -1)
    fail("posix_openpt");
  const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave == -1)
    fail("open the terminal");
  return {master, slave};
}

pipe_ends make_output(sink what) {
  switch (what) {
    case sink::pipe:
      return make_pipe();
    case sink::terminal:
      return make_terminal();
    case sink::full_device:
      return {-1, ::open("/dev/full", O_WRONLY | O_CLOEXEC)};
    case sink::closed:
      return {};
  }
  return {};
}

void close_fd(int& fd) {
  if (fd != -1)
    ::close(std::exchange(fd, -1));
}

std::vector<std::string> environment_of(const process_options& options) {
  std::vector<std::string> result;
  for (const auto& [name, value] : options.environment)
    result.push_back(name + "=" + value);
  for (const auto* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "PATH"})
    if (const auto* value = std::getenv(name); value != nullptr && !options.environment.contains(name))
      result.push_back(std::string{name} + "=" + value);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Root has no such limit.
bool limit_processes(unsigned count) noexcept {
  constexpr unsigned nobody = 65534;
  const rlimit limit{.rlim_cur = count, .rlim_max = count};
  return (::geteuid() != 0 || (::setgid(nobody) == 0 && ::setuid(nobody) == 0))
         && ::setrlimit(RLIMIT_NPROC, &limit) == 0;
}

} // namespace

process::process(const std::string& program, const process_options& options)
  : input_(options.input), started_(steady_clock::now()) {
  auto in = make_pipe();
  auto out = make_output(options.output);
  auto err = make_output(options.errors);
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  auto environment = environment_of(options);
  const auto argv = pointers_to(arguments);
  const auto envp = pointers_to(environment);
  const auto directory = options.directory.string();
  pid_ = ::fork();
  if (pid_ == -1)
    fail("fork");
  if (pid_ == 0) {
    // Between fork and exec only what is safe in a signal handler.
    ::dup2(in.read, STDIN_FILENO);
    if (out.write == -1)
      ::close(STDOUT_FILENO);
    else
      ::dup2(out.write, STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    if (options.processes > 0 && !limit_processes(options.processes))
      ::_exit(126);
    if (::chdir(directory.c_str()) == 0)
      ::execve(program.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  close_fd(in.read);
  close_fd(out.write);
  close_fd(err.write);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
  exit_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  for (const int fd : {in_, out_, err_})
    if (fd != -1)
      ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (input_.empty())
    close_fd(in_);
}

process::~process() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    reap(true);
  }
  for (auto* fd : {&in_, &out_, &err_, &exit_})
    close_fd(*fd);
}

void process::send_signal(int signal) const {
  ::kill(pid_, signal);
}

void process::pump(milliseconds patience) {
  std::array<pollfd, 4> watched{
    {{in_, POLLOUT, 0}, {out_, POLLIN, 0}, {err_, POLLIN, 0}, {ended_ ? -1 : exit_, POLLIN, 0}}};
  if (::poll(watched.data(), watched.size(), static_cast<int>(patience.count())) <= 0)
    return;
  if (watched[0].revents != 0) {
    const auto count = ::write(in_, input_.data() + fed_, input_.size() - fed_);
    if (count > 0)
      fed_ += static_cast<std::size_t>(count);
    if ((count < 0 && errno != EAGAIN) || fed_ == input_.size())
      close_fd(in_);
  }
  const auto read_from = [](int& fd, std::string& to) {
    std::array<char, 65536> buffer{};
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count > 0)
      to.append(buffer.data(), static_cast<std::size_t>(count));
    else if (count == 0 || errno != EAGAIN) // a terminal whose other end is gone says EIO
      close_fd(fd);
  };
  if (watched[1].revents != 0)
    read_from(out_, outcome_.out);
  if (watched[2].revents != 0)
    read_from(err_, outcome_.err);
  if (watched[3].revents != 0)
    reap(false);
}

bool process::reap(bool block) {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_)
    return ended_;
  ended_ = true;
  outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome_.duration = std::chrono::duration_cast<milliseconds>(steady_clock::now() - started_);
  return true;
}

outcome process::result() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    reap(true);
    outcome_.status = -1;
  }
  return outcome_;
}

bool process::wait_for_output(std::string_view text, std::chrono::seconds timeout) {
  return wait_for(outcome_.out, text, timeout);
}

bool process::wait_for_error(std::string_view text, std::chrono::seconds timeout) {
  return wait_for(outcome_.err, text, timeout);
}

bool process::wait_for(const std::string& where, std::string_view text, std::chrono::seconds timeout) {
  const auto end = steady_clock::now() + timeout;
  while (where.find(text) == std::string::npos) {
    if (steady_clock::now() >= end || (ended_ && out_ == -1 && err_ == -1))
      return false;
    pump(milliseconds{100});
  }
  return true;
}

void process::close_output() {
  close_fd(out_);
}

outcome process::wait(std::chrono::seconds timeout) {
  const auto end = steady_clock::now() + timeout;
  while (!(ended_ && out_ == -1 && err_ == -1) && steady_clock::now() < end)
    pump(milliseconds{100});
  return result();
}

outcome process::wait_without_reading(std::chrono::seconds timeout) {
  pollfd watched{exit_, POLLIN, 0};
  ::poll(&watched, 1, static_cast<int>(milliseconds{timeout}.count()));
  reap(false);
  return result();
}

} // namespace magna::test
