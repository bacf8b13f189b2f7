#include <magna/tests/soak/progress.hpp>

#include <array>
#include <cstdio>

#include <unistd.h>

#include <magna/tests/soak/figures.hpp>

namespace magna::soak {

progress::progress() : terminal_(::isatty(STDOUT_FILENO) == 1) {}

progress::~progress() {
  clear_line();
}

void progress::show(std::chrono::seconds since_start, const totals& requests, std::size_t in_flight) {
  if (!terminal_ && since_start.count() % 10 != 0)
    return;
  std::array<char, 240> line{};
  std::snprintf(
    line.data(), line.size(),
    "%5lld s  sent %llu  completed %llu  failed %llu  cancelled %llu  in flight %zu  RSS %.1f MiB  fds %zu",
    static_cast<long long>(since_start.count()), static_cast<unsigned long long>(requests.sent),
    static_cast<unsigned long long>(requests.completed),
    static_cast<unsigned long long>(requests.failures() - requests.cancelled()),
    static_cast<unsigned long long>(requests.cancelled()), in_flight,
    static_cast<double>(resident_bytes()) / (1024.0 * 1024.0), open_files());
  std::printf(terminal_ ? "\r\x1b[K%s" : "%s\n", line.data());
  std::fflush(stdout);
  line_open_ = terminal_;
}

void progress::say(const std::string& text) {
  clear_line();
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

void progress::clear_line() {
  if (line_open_)
    std::printf("\r\x1b[K");
  line_open_ = false;
}

} // namespace magna::soak
